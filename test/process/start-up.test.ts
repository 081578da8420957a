import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {binary, nezhaSandbox, temporaryFolder} from '../harness.js'

/** Parts of Node that take their time to load, and that hardly any command needs. */
const seldom = [
  ...[
    'stream/consumers',
    'child_process',
    'http2',
    'worker_threads',
    'crypto',
    'tls',
    'https',
    'fs/promises',
  ],
  ...['readline', 'readline/promises', 'module', 'v8', 'perf_hooks', 'timers/promises'],
]

test.each([
  ['context list', ['http', ...seldom]],
  ['version', ['http', ...seldom]],
  ['nezha server list --help', ['http', 'crypto', 'tls', 'child_process']],
  ['nezha server list', seldom],
])('%s loads no part of Node that it does not need', async (line, needless) => {
  const {environment} = await nezhaSandbox()
  const folder = temporaryFolder()
  const [hook, loaded] = [join(folder, 'hook.cjs'), join(folder, 'loaded')]
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(loaded)}, process.moduleLoadList.join('\\n')))`,
  )
  // Help is made anew, and not printed as the build made it.
  const env = {...environment, FORCE_COLOR: '0'}
  await binary(line.split(' '), {env, nodeArgs: ['--require', hook]})
  const modules = readFileSync(loaded, 'utf8').split('\n')
  expect(modules).toContain('NativeModule fs')
  expect(modules.filter(name => needless.includes(name.replace('NativeModule ', '')))).toEqual([])
})
