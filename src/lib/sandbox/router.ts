export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * What handles which requests, in the short notation: `'GET /api/client/detail/:host'`. A `:name` is one part of the
 * path, whatever it holds, a `#name` a whole number; a slash at the end is part of the path. The first that fits is it.
 */
export type Routes<Handle> = Readonly<Record<`${Method} /${string}`, Handle>>

export interface Found<Handle> {
  readonly handle: Handle
  /** The parts of the path that the route names. */
  readonly path: Readonly<Record<string, string>>
}

/** The routes of one panel: a profile has the tables that it has. */
export class Router<Handle> {
  readonly #routes: ReadonlyArray<{method: string; pattern: RegExp; handle: Handle}>

  constructor(routes: Routes<Handle>) {
    this.#routes = Object.entries<Handle>(routes).map(([line, handle]) => {
      const [method = '', path = ''] = line.split(' ')
      const source = path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)').replaceAll(/#(\w+)/g, '(?<$1>\\d+)')
      return {method, pattern: new RegExp(`^${source}$`, 's'), handle}
    })
  }

  /** The route of a request by its decoded path; `undefined` when there is none. */
  find(method: string, path: string): Found<Handle> | undefined {
    for (const route of this.#routes) {
      const match = route.method === method ? route.pattern.exec(path) : null
      if (match) return {handle: route.handle, path: {...match.groups}}
    }
    return undefined
  }

  /** The methods of the routes that a path has. */
  methodsAt(path: string): string[] {
    return this.#routes.flatMap(({method, pattern}) => (pattern.test(path) ? method : []))
  }
}

/** The same routes, each behind what is done before it. */
export function behind<Inner, Outer = Inner>(
  gate: (handle: Inner) => Outer,
  routes: Routes<Inner>,
): Routes<Outer> {
  return Object.fromEntries(Object.entries<Inner>(routes).map(([line, handle]) => [line, gate(handle)]))
}
