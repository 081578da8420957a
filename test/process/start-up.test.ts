import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {binary, temporaryFolder} from '../harness.js'

/** Parts of Node that take their time to load, and that hardly any command needs. */
const seldom = ['stream/consumers', 'child_process', 'http2', 'worker_threads']

test.each(['context list', 'version'])('%s loads no part of Node that it does not need', async line => {
  const folder = temporaryFolder()
  const [hook, loaded] = [join(folder, 'hook.cjs'), join(folder, 'loaded')]
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(loaded)}, process.moduleLoadList.join('\\n')))`,
  )
  await binary(line.split(' '), {nodeArgs: ['--require', hook]})
  const modules = readFileSync(loaded, 'utf8').split('\n')
  expect(modules).toContain('NativeModule fs')
  expect(modules.filter(name => seldom.includes(name.replace('NativeModule ', '')))).toEqual([])
})
