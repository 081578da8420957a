import {bringFile, fetchFile, placeOf} from '../../../lib/panels/nezha/v1/files.js'
import {calling} from '../../../lib/panels/nezha/v1/mcp.js'
import {copyCommand} from '../../../lib/shapes/copy.js'

export default copyCommand({
  summary: 'copy a file to a server, or from it (v2.1)',
  description:
    'One of the two is SERVER:/path, the whole path there. Files of up to 100 MiB, with their mode; what is there is replaced in one step. What is brought is checked there by its hash. Needs an API token with the scopes nezha:server:read and nezha:server:write, and a dashboard with MCP switched on.',
  examples: [
    'nezha server cp web1:/var/log/syslog .',
    'nezha server cp app.conf web1:/etc/app/ --mkdir',
    'nezha server cp web1:/etc/hosts - | sort',
  ],
  place: (run, name, path) => placeOf(calling(run), name, path),
  fetch: (run, place, take) => fetchFile(calling(run), place, take),
  bring: (run, place, file) => bringFile(calling(run), place, file, run.flags.mkdir),
})
