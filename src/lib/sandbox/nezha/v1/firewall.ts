import type {Answer} from '../../answer.js'

interface Strikes {
  readonly count: number
  /** Of the last one, milliseconds since 1970. */
  readonly at: number
  readonly reason: number
}

/** The WAF: addresses that were refused a login, a token or an agent are shut out for a while (contracts/nezha.md 3.1). */
export class Firewall {
  readonly #strikes = new Map<string, Strikes>()

  get strikes(): ReadonlyMap<string, Strikes> {
    return this.#strikes
  }

  /** Counts a refusal; an address that is not known is nobody's. Reasons: 1 login, 2 token, 3 agent secret, 4 by hand. */
  strike(address: string | undefined, now: number, reason = 3): void {
    if (address === undefined) return
    const count = (this.#strikes.get(address)?.count ?? 0) + 1
    this.#strikes.set(address, {count, at: now, reason})
  }

  /** max(3, n⁴) seconds from the last of n. */
  blocks(address: string | undefined, now: number): boolean {
    const strikes = address === undefined ? undefined : this.#strikes.get(address)
    return strikes !== undefined && now < strikes.at + 1000 * Math.max(3, strikes.count ** 4)
  }

  forgive(address: string | undefined): void {
    if (address !== undefined) this.#strikes.delete(address)
  }
}

/** Whatever was asked for; its words are what clients tell it by, its markup is the sandbox's own. */
export const blockedPage: Answer = {
  status: 403,
  headers: {'Content-Type': 'text/html; charset=utf-8'},
  body: `<!DOCTYPE html>
<html lang="en">
<head><meta charset="UTF-8"><title>Blocked</title></head>
<body>
<main><h1>you were blocked by nezha WAF</h1></main>
</body>
</html>
`,
}
