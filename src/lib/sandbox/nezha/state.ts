import {createHash} from 'node:crypto'
import type {Clock} from '../listen.js'
import type {Random} from '../random.js'
import {type Features, featuresOf} from './features.js'
import {Fleet, type NezhaServer} from './fleet.js'
import type {Language} from './page.js'
import type {NezhaWorld} from './seed.js'

/**
 * Everything an emulated dashboard knows. Routes read it; tests and the fake install script change
 * it while it runs.
 */
export class NezhaState extends Fleet {
  /** Accepted as a bare `Authorization`. */
  readonly tokens = new Set<string>()
  /** Login cookies and when they expire (milliseconds since 1970). */
  readonly sessions = new Map<string, number>()
  /** Requests whose Host is one of these go to an agent that is not connected (contracts/nezha.md 1.1). */
  readonly natDomains = new Set<string>()
  /** With no row in the users table every token and cookie is refused (1.2). */
  hasUser = true
  /**
   * The SQLite file is locked by another process: `writes` makes register fail, `everything` also
   * every login and history (1.2, 1.5, 1.6). The five seconds a real panel waits first are left out.
   */
  databaseLock: 'none' | 'writes' | 'everything' = 'none'
  /** The deadlock of 1.7: list, details and register never answer, and register has written its server. */
  wedged = false
  readonly features: Features
  cookieName: string
  viewPassword: string | undefined
  /** The site's name on the error page. */
  brand = 'Nezha Monitoring'
  language: Language = 'zh-CN'

  constructor({profile, cookieName, viewPassword, token, cookie}: NezhaWorld, now: Clock, random: Random) {
    super(now, random, '0.20.5')
    this.features = featuresOf(profile)
    this.cookieName = cookieName
    this.viewPassword = viewPassword
    this.tokens.add(token)
    // A login is good for two months on the panel (1.2).
    this.sessions.set(cookie, now() + 60 * 86_400_000)
  }

  /** The servers of a tag in the order of the panel's index: as they came to it (1.3). */
  tagged(tag: string): NezhaServer[] {
    return [...this.servers.values()].filter(server => server.tag === tag)
  }

  /**
   * The agent with this secret starts: its host is known at once, its first status one report
   * interval later, and it goes on reporting. Gives the server, or `undefined` for a wrong secret
   * (a real agent retries for ever and is never seen: 1.6).
   */
  report(secret: string, reportEverySeconds = 1): NezhaServer | undefined {
    const server = [...this.servers.values()].find(candidate => candidate.secret === secret)
    if (!server) return undefined
    const machine = server.agent.kind === 'machine' ? server.agent.machine : this.machine(server.id)
    return this.connect(server.id, machine, reportEverySeconds)
  }

  override restart(): void {
    super.restart()
    this.wedged = false
  }

  /**
   * The value of the `<cookieName>-vp` cookie that the view password gives. The panel's is a bcrypt
   * hash; this one only looks like it.
   */
  viewPasswordCookie(): string | undefined {
    if (this.viewPassword === undefined) return undefined
    const digest = createHash('sha512').update(this.viewPassword).digest('base64').replaceAll(/[+=]/g, '.')
    return `$2a$10$${digest.slice(0, 53)}`
  }
}
