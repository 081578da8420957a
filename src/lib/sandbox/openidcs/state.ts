import type {Clock} from '../listen.js'
import {type Random, randomText} from '../random.js'
import {type Features, featuresOf} from './features.js'
import {Hypervisor, type Machine, powerOf, setPower} from './hypervisor.js'
import type {Json, JsonObject} from './json.js'
import {hostConfig, vmConfig} from './models.js'
import {type Action, changeMilliseconds, effects, type Power, powerName} from './power.js'
import type {OpenidcsWorld} from './seed.js'
import type {Host, LogEntry, Vm} from './vm.js'

const vmware = 'VMWareSetup'

/** Everything an emulated panel knows. Routes read it, tests change it while it runs. */
export class OpenidcsState {
  readonly features: Features
  /** A number once somebody set one: no header can match it any more (contracts/openidcs.md 2). */
  token: Json
  /** The first token is the password of `admin` too (1.3). */
  readonly adminPassword: string
  /** Run from source: JSON in lines, long pages for crashes. */
  debug: boolean
  /** How long a write takes before it is answered. */
  slowMilliseconds: number
  /** Werkzeug before 2.3 says 400 to a body that is not called JSON (1.2). */
  oldWerkzeug = false
  /** S asks a sensor that some machines do not have for the heat of the processor (16). */
  hasSensors = true
  /** Whether the program that serves proxies can be started (34). */
  proxyProgramWorks = true
  /** Addresses (`i_kuai_addr`) where no router answers (8). */
  readonly deadRouters = new Set<string>()
  /** Folders (`system_path`) that are not there (8). */
  readonly missingFolders = new Set<string>()
  /** The cookies of those who are logged in. */
  readonly sessions = new Set<string>()
  readonly hosts = new Map<string, Host>()
  readonly hypervisors = new Map<string, Hypervisor>()
  readonly logs: LogEntry[] = []
  /** Domains that a proxy has. */
  readonly domains = new Set<string>()
  /** Domains whose proxy could not be started: nobody gets them before a loader (34). */
  readonly reservedDomains = new Set<string>()
  /** Folders (`launch_path`) with a `vmrest.exe`, which the first panels start as only Windows can (8). */
  readonly windowsTools = new Set<string>()
  readonly failedLogins = new Map<string, {count: number; until: number}>()
  /** VMs of deleted hosts, which the newest panel brings back (14). */
  readonly orphans = new Map<string, ReadonlyMap<string, Vm>>()

  readonly #now: Clock
  #passed = 0

  constructor(
    {profile, token, debug, slow}: OpenidcsWorld,
    clock: Clock,
    readonly random: Random,
  ) {
    this.features = featuresOf[profile]
    this.token = token
    this.adminPassword = token
    this.debug = debug
    this.slowMilliseconds = Number.parseFloat(slow) * (slow.endsWith('ms') ? 1 : 1000)
    this.#now = clock
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#now() + this.#passed
  }

  /** Lets time pass at once: VMs that were on their way arrive, logins are free again. */
  pass(milliseconds: number): void {
    this.#passed += milliseconds
  }

  log(message: string, host?: string, success = true): void {
    this.logs.push({at: this.now(), host, message, success})
  }

  newToken(): string {
    const length = this.features.isNewest ? 64 : 16
    return Array.from({length}, () => Math.floor(this.random() * 16).toString(16)).join('')
  }

  addSession(value = `eyJ${randomText(40, this.random)}`): string {
    this.sessions.add(value)
    return value
  }

  addHost(name: string, type: string, config: JsonObject = {}, addedAt = this.now()): Host {
    const host: Host = {
      name,
      type,
      config: hostConfig({...config, server_type: type}, this.features),
      vms: new Map(this.orphans.get(name)),
      isLoaded: false,
      addedAt,
      probe: undefined,
    }
    for (const vm of host.vms.values()) vm.flag = {...vm.flag, until: 0}
    this.orphans.delete(name)
    this.hosts.set(name, host)
    return host
  }

  /** A VM that the panel knows; whether its hypervisor does is another matter. */
  addVm(host: Host, name: string, config: JsonObject): Vm {
    const vm: Vm = {
      name,
      config: vmConfig(config, this.features, this.random),
      nat: [],
      addresses: [],
      proxies: [],
      reports: [],
      agent: undefined,
      isStored: false,
      flag: {word: 'UNKNOWN', until: 0, seen: 'UNKNOWN'},
    }
    host.vms.set(name, vm)
    return vm
  }

  /** Of a host: two of them may share an address. */
  hypervisorOf({name, config}: Host): Hypervisor {
    const key = config.server_addr ? String(config.server_addr) : name
    const known = this.hypervisors.get(key)
    if (known) return known
    const added = new Hypervisor()
    this.hypervisors.set(key, added)
    return added
  }

  /** Where a VM of this name lies. */
  pathOf({type, config}: Host, name: string): string {
    return type === vmware ? `${config.system_path}/${name}/${name}.vmx` : name
  }

  /** Why a hypervisor does not answer, in the panel's words (8). */
  problemOf(host: Host): string | undefined {
    const {isReachable, password} = this.hypervisorOf(host)
    const {server_addr, server_pass} = host.config
    if (!isReachable) return `连接失败: 无法连接到 ${server_addr}`
    if (password === undefined || password === server_pass) return undefined
    return "HTTP错误 401: Unauthorized - {'Code': 3, 'Message': 'Authentication failed'}"
  }

  /**
   * What the panel takes for a VM on its hypervisor. On VMware that is the first one whose path
   * contains the name, which may be another VM (trap 27).
   */
  find(host: Host, name: string): Machine | undefined {
    if (this.problemOf(host) !== undefined) return undefined
    const {machines} = this.hypervisorOf(host)
    return host.type === vmware
      ? machines.find(({path}) => path.includes(name))
      : machines.find(machine => machine.name === name)
  }

  /** The machine that is really the VM's own: its agent runs there. */
  ownMachine(host: Host, name: string): Machine | undefined {
    const path = this.pathOf(host, name)
    return this.hypervisorOf(host).machines.find(machine => machine.path === path)
  }

  /** Does what was asked for to whatever is found; gives it. */
  power(host: Host, name: string, action: Action): Machine | undefined {
    const machine = this.find(host, name)
    const {power, on} = effects[action]
    if (machine) setPower(machine, power, this.now(), on)
    return machine
  }

  /** From now on the panel calls the VM so, until it looks again. */
  setFlag(vm: Vm, word: Power, milliseconds = changeMilliseconds): void {
    vm.flag = {...vm.flag, word, until: this.now() + milliseconds}
  }

  /** What the newest panel calls a VM's power (3.5). */
  flagOf(host: Host, vm: Vm): Power {
    if (this.now() < vm.flag.until) return vm.flag.word
    const machine = this.find(host, vm.name)
    // It is called what it was until somebody looks, each minute.
    if (!machine) return vm.flag.seen
    const power = powerOf(machine)
    // VMware calls a paused VM paused, which the panel does not know.
    const word = power === 'paused' && host.type === vmware ? 'UNKNOWN' : powerName(power)
    vm.flag = {...vm.flag, seen: word}
    return word
  }

  isVmware({type}: Host): boolean {
    return type === vmware
  }

  isEnabled({config}: Host): boolean {
    return !this.features.isNewest || Boolean(config.enable_host)
  }

  hasRouter({config}: Host): boolean {
    return !this.deadRouters.has(String(config.i_kuai_addr))
  }

  /** Everything comes out of the database again: what is not in there is gone (5, 24, 28). */
  load(): void {
    this.domains.clear()
    this.reservedDomains.clear()
    for (const host of this.hosts.values()) {
      host.isLoaded = true
      if (this.features.hasAccidents) host.config = {...host.config, server_name: ''}
      for (const vm of host.vms.values()) {
        vm.isStored = true
        // NAT, address and proxy lists of the older panels are in memory alone.
        if (!this.features.isNewest) for (const list of [vm.nat, vm.addresses, vm.proxies]) list.length = 0
        for (const {web_addr} of vm.proxies) if (typeof web_addr === 'string') this.domains.add(web_addr)
      }
    }
  }

  /** The panel stops and starts. */
  restart(): void {
    if (!this.features.isNewest) this.sessions.clear()
    this.failedLogins.clear()
    for (const host of this.hosts.values()) host.probe = undefined
    this.load()
  }
}
