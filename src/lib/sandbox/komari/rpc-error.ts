/** The codes the panel answers with (contracts/komari.md 2.3). */
export const codes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  permissionDenied: -32041,
  notFound: -32044,
  unimplemented: -32050,
} as const

/** What a method refuses with; the REST routes make an HTTP status of the code (0.4). */
export class RpcError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** The handler panics after its work is done: HTTP 500 with nothing in it (0.1, 1.14). */
export class Panic extends Error {}

/** The HTTP status of a refusal on a REST route (0.4). */
export function statusOf({code}: RpcError): number {
  if (code === codes.invalidParams || code === codes.invalidRequest || code === codes.parse) return 400
  if (code === codes.permissionDenied) return 401
  return code === codes.notFound ? 404 : 500
}
