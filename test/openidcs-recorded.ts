import {readOpenidcs} from './openidcs-recordings.js'
import {bodyOf} from './recordings.js'
import {type Answer, type ReplayServer, replayServer, type Seen} from './replay-server.js'

/** The versions that the sandbox does not have: what they answered is in the recordings. */
export type RecordedVersion = '7a36e7e' | 'v0.4' | 'v0.5'

const files = {
  '7a36e7e': 'seed-7a36e7e.jsonl',
  'v0.4': 'v0.4.jsonl',
  'v0.5': 'v0.5.jsonl',
  newest: 'newest-085a23d.jsonl',
}

/** What a version answered: the recording whose id begins so. */
export function recordedAnswer(version: keyof typeof files, id: string): Answer {
  const recording = readOpenidcs(files[version]).find(one => one.id.startsWith(`${id}-`))
  if (!recording) throw new Error(`${files[version]} has no ${id}`)
  const {status, content_type} = recording.response
  return {status, text: bodyOf(recording), ...(content_type === null ? {} : {type: content_type})}
}

/** The data of such an answer. */
export function recordedData<Data>(version: RecordedVersion, id: string): Data {
  return JSON.parse(recordedAnswer(version, id).text ?? '').data
}

/** What the reads by which a client tells versions from each other are answered (contracts/openidcs.md 0.2, 2.1). */
function told(version: RecordedVersion): Pick<ReplayServer, 'otherwise' | 'routes'> {
  if (version === '7a36e7e') {
    return {
      otherwise: recordedAnswer(version, '007'),
      routes: {'GET /api/system/tasker': recordedAnswer(version, '023')},
    }
  }
  return {
    // An unknown GET is answered as on the newest since 2026-02-05.
    otherwise: version === 'v0.4' ? recordedAnswer(version, '009') : recordedAnswer('newest', '009'),
    routes: {'GET /api/token/current': recordedAnswer(version, '029')},
  }
}

export interface RecordedPanel extends ReplayServer {
  readonly environment: Readonly<Record<string, string>>
}

/** The id of a recording, or an answer as it is. */
type Told = string | Answer

/** What a route answers: always, before and after the first write, or as a request asks. */
export type RecordedRoute = Told | readonly [before: Told, after: Told] | ((request: Seen) => Told)

/** A panel of such a version that knows these routes. */
export async function recordedPanel(
  version: RecordedVersion,
  routes: Readonly<Record<string, RecordedRoute>> = {},
): Promise<RecordedPanel> {
  const server = await replayServer()
  const answerOf = (given: Told): Answer =>
    typeof given === 'string' ? recordedAnswer(version, given) : given
  const isWritten = () =>
    server.requests.slice(0, -1).some(({method, path}) => method !== 'GET' && !path.endsWith('/login'))
  const {otherwise, routes: known} = told(version)
  server.otherwise = otherwise
  Object.assign(server.routes, known)
  for (const [name, route] of Object.entries(routes)) {
    server.routes[name] = request => {
      if (typeof route === 'function') return answerOf(route(request))
      if (typeof route === 'object' && 'length' in route) return answerOf(route[isWritten() ? 1 : 0])
      return answerOf(route)
    }
  }
  return Object.assign(server, {
    environment: {OPENIDCS_URL: server.url, OPENIDCS_TOKEN: 'test-token-0002'},
  })
}
