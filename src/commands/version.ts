import {showCommand} from '../lib/shapes/show.js'

export default showCommand({
  summary: 'show the version of panelctl',
  description: 'Also as --version, -v and -V.',
  local: true,
  examples: ['version', 'version -o json | jq -r .version'],
  fetch: async ({program}) => program,
  columns: {
    version: ({version}) => version,
    platform: ({platform}) => platform,
    node: ({node}) => node,
  },
  id: ({version}) => version,
  value: ({version, platform, node}) => `panelctl/${version} ${platform} node-v${node}`,
})
