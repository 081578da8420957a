import {spawn} from 'node:child_process'
import {usageError} from '../errors.js'
import {hint, panelctl} from '../hint.js'
import {hasProgram, type Machine} from './machine.js'
import {type AgentPlan, isLoopback} from './plan.js'
import {canWrite, checkWorkFolder} from './work-folder.js'

/** What installs what is missing: the script knows these (contracts/nezha.md 2.1). */
const packageManagers = ['yum', 'apt', 'apt-get', 'pacman', 'apk']
const tools = ['curl', 'wget', 'unzip']

/**
 * Whether this machine can take an agent: its system, our rights, the work folder, and what the script needs.
 * Changes nothing.
 * @throws PanelctlError USAGE saying what to do instead
 */
export async function checkMachine(plan: AgentPlan, machine: Machine): Promise<void> {
  if (machine.platform !== 'linux') throw wrongPlatform(machine.platform)
  await checkWorkFolder(plan.workdir, machine)
  const writable = await canWrite(plan.workdir)
  // A script of this very machine is a stand-in, as the sandbox's, or somebody's own.
  if (isLoopback(plan.installUrl) && writable) return
  if (machine.userId !== 0 && !(await canBecomeRoot(machine))) {
    throw usageError(
      (await hasProgram(machine, 'sudo'))
        ? 'installing an agent needs root, and sudo asks for a password here'
        : 'installing an agent needs root, and there is no sudo',
      'run it as root',
    )
  }
  if (!writable)
    throw usageError(`you cannot write ${plan.workdir}`, 'run it as root, or give a --workdir of your own')
  await checkTools(machine)
}

function wrongPlatform(platform: NodeJS.Platform) {
  // The v0 installers for Windows and macOS fetch an agent of today's and fail without a word (2.1, trap 27).
  return usageError(
    `the install script is for Linux, and this is ${platform}`,
    hint`register with ${panelctl('nezha server register')}, download nezha-agent v0.20.5, and run: nezha-agent service install -s HOST:PORT -p SECRET`,
  )
}

async function checkTools(machine: Machine): Promise<void> {
  const missing: string[] = []
  for (const tool of tools) if (!(await hasProgram(machine, tool))) missing.push(tool)
  if (missing.length === 0) return
  for (const manager of packageManagers) if (await hasProgram(machine, manager)) return
  throw usageError(
    `the install script needs ${missing.join(', ')}, and no package manager that it knows is here`,
    `install ${missing.join(', ')} first`,
  )
}

/** Whether sudo works without asking: in a session of its own, as the script has no terminal either. */
function canBecomeRoot({path}: Machine): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn('sudo', ['-n', 'true'], {stdio: 'ignore', detached: true, env: {PATH: path}})
    child.once('error', () => resolve(false))
    child.once('exit', code => resolve(code === 0))
  })
}
