import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {temporaryFolder} from './temporary-folder.js'

/** Keeps its entries in a file, and notes the process of each call as others on the machine can see it. */
const working = `
const fs = require('node:fs')
const {join} = require('node:path')
const file = join(__dirname, 'entries.json')
const read = () => fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
const write = entries => fs.writeFileSync(file, JSON.stringify(entries))
const {argv, execArgv, env} = process
fs.appendFileSync(join(__dirname, 'calls'), JSON.stringify({argv, execArgv, env}) + '\\n')
module.exports = {
  getPassword: async (service, account) => read()[service + '/' + account] ?? null,
  setPassword: async (service, account, password) => write({...read(), [service + '/' + account]: password}),
  deletePassword: async (service, account) => {
    const {[service + '/' + account]: found, ...others} = read()
    write(others)
    return found !== undefined
  },
}`

/** A module in keytar's place, written for one test; without a source, one that works. */
export function fakeKeytar(source = working) {
  const folder = temporaryFolder()
  const file = (name: string) => join(folder, name)
  const textOf = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : undefined)
  writeFileSync(file('keytar.cjs'), source)
  return {
    /** To spread into a `ConfigPlace`. */
    access: {keytar: file('keytar.cjs'), keychainLimit: 20_000},
    entries: (): Record<string, string> => JSON.parse(textOf('entries.json') ?? '{}'),
    setEntries: (entries: Record<string, string>) =>
      writeFileSync(file('entries.json'), JSON.stringify(entries)),
    /** What was visible of each process that called it. */
    calls: () => (textOf('calls') ?? '').split('\n').slice(0, -1),
    /** What a source of the test's own has written beside itself. */
    textOf,
  }
}
