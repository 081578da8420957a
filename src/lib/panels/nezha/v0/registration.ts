import type {BodyOf} from '../../../http/endpoint.js'
import type {registerServer} from './endpoints.js'

/** What a person says of a new server; what is not said is left to the panel. */
export interface ServerOptions {
  readonly name: string | undefined
  readonly tag: string | undefined
  readonly note: string | undefined
  readonly 'hide-for-guest': boolean | undefined
}

/** The body of a registration (contracts/nezha.md 1.6). */
export function registration(options: ServerOptions): BodyOf<typeof registerServer> {
  const hidden = options['hide-for-guest']
  return {
    ...(options.name === undefined ? {} : {Name: options.name}),
    ...(options.tag === undefined ? {} : {Tag: options.tag}),
    ...(options.note === undefined ? {} : {Note: options.note}),
    // A text, not a boolean: anything but "on" shows the server to guests (trap 12).
    ...(hidden === undefined ? {} : {HideForGuest: hidden ? 'on' : 'off'}),
  }
}
