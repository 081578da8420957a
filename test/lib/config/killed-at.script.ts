import fs from 'node:fs'
import promises from 'node:fs/promises'

/*
 * Adds a context, or renames one, and dies by SIGKILL at its nth call to the file system (argv: config folder, n, what).
 * Every file system call of panelctl and its libraries goes through these two objects.
 */
const [configDir = '', fatal = '', what] = process.argv.slice(2)
let calls = 0
let isArmed = false

function count(target: object): void {
  for (const name of Object.keys(target)) {
    const call: unknown = Reflect.get(target, name)
    if (typeof call !== 'function' || /^[A-Z_]/.test(name)) continue
    const counted = (...args: unknown[]): unknown => {
      if (isArmed && ++calls === Number(fatal)) process.kill(process.pid, 'SIGKILL')
      return Reflect.apply(call, target, args)
    }
    Reflect.set(target, name, Object.assign(counted, call))
  }
}

count(promises)
count(fs)

async function changeContexts(): Promise<void> {
  // loaded only now: graceful-fs copies the functions when it is loaded
  const {renameContext, saveContext} = await import('../../../src/lib/config/contexts/change-context.js')
  isArmed = true
  if (what === 'rename') return renameContext({configDir, env: {}}, 'first', 'renamed')
  await saveContext(
    {configDir, env: {}},
    {
      name: 'added',
      context: {panel: 'nezha', url: 'https://added.example.com', store: 'file'},
      secret: {kind: 'token', value: 'secret of added'},
      replace: false,
    },
  )
}

void changeContexts()
