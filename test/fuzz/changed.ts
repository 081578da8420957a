import type {ServerResponse} from 'node:http'
import type {WebSocket} from 'ws'
import {
  type Answer,
  bodyBytes,
  type Handler,
  type SandboxRequest,
  send,
} from '../../src/lib/sandbox/answer.js'
import type {Between} from '../../src/lib/sandbox/between.js'
import {bodyOf, type HttpRecording, headerOf} from '../recordings.js'
import {type Mutation, mutated} from './mutation.js'

/** What is done to one of the answers of a run. */
export interface Change {
  /** Which of them. */
  readonly answer: number
  readonly mutation: Mutation
  /** Which of the recordings of such a request stands in its place; undefined for what the emulated panel says. */
  readonly recorded: number | undefined
}

const segmentsOf = (path: string) => path.split('?')[0]?.split('/') ?? []

/** Somebody between a command and a panel, who changes one answer of either: of HTTP, or a frame of a WebSocket. */
export class Changing implements Between {
  readonly #recordings: readonly HttpRecording[]
  readonly #alike = new Map<string, readonly HttpRecording[]>()
  #change: Change | undefined
  #answers = 0

  constructor(recordings: readonly HttpRecording[]) {
    this.#recordings = recordings
  }

  /** What is done in the run that begins now; nothing where it is only to be counted what is asked. */
  next(change: Change | undefined): void {
    this.#change = change
    this.#answers = 0
  }

  /** How many there were in this run. */
  get answers(): number {
    return this.#answers
  }

  request(request: SandboxRequest, handler: Handler, response: ServerResponse): boolean {
    // The frames of a WebSocket count, and not its beginning.
    if (request.headers.upgrade !== undefined) return false
    const change = this.#taken()
    if (!change) return false
    const answer = this.#recorded(request, change) ?? handler(request)
    if (answer === 'stall') send(response, answer)
    else send(response, {...answer, body: mutated(bodyBytes(answer).toString(), change.mutation)})
    return true
  }

  frame(reply: () => readonly string[], webSocket: WebSocket): boolean {
    const change = this.#taken()
    if (!change) return false
    for (const text of reply()) webSocket.send(mutated(text, change.mutation))
    return true
  }

  ping(): boolean {
    return false
  }

  #taken(): Change | undefined {
    return this.#answers++ === this.#change?.answer ? this.#change : undefined
  }

  /** One of those that were asked for most alike: by the method, and by the segments of the path that are the same. */
  #recorded({method, path}: SandboxRequest, {recorded}: Change): Answer | undefined {
    if (recorded === undefined) return undefined
    const asked = segmentsOf(path)
    const key = `${method} ${asked.join('/')}`
    let alike = this.#alike.get(key)
    if (!alike) {
      const scored = this.#recordings
        .filter(({request}) => request.method === method && segmentsOf(request.path).length === asked.length)
        .map(recording => ({
          recording,
          score: segmentsOf(recording.request.path).filter((segment, index) => segment === asked[index])
            .length,
        }))
      const best = Math.max(...scored.map(({score}) => score))
      alike = scored.filter(({score}) => score === best).map(({recording}) => recording)
      this.#alike.set(key, alike)
    }
    const recording = alike[recorded % alike.length]
    if (!recording) return undefined
    const {status, headers, content_type} = recording.response
    const type = content_type ?? headerOf(headers, 'content-type')
    return {status, headers: type ? {'Content-Type': type} : {}, body: bodyOf(recording)}
  }
}
