import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {binary, temporaryFolder} from '../harness.js'
import {jsonAnswer, serve} from './serve.js'

// The sandbox is a bundle of its own, so that its errors are of a class of its own: only the built program shows it.

test('a typo in a seed file is a usage error that names the keys there are', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'bad.yaml'), 'nezha:\n  servres:\n    - name: web1\n')
  expect(await binary(['sandbox', '--seed', 'bad.yaml', '--', 'true'], {cwd: folder})).toMatchObject({
    stdout: '',
    stderr:
      'panelctl: bad.yaml: nezha.servres is not known\n' +
      'hint: known there: token, cookie, cookieName, viewPassword, profile, seed, generate, servers, monitors\n',
    exitCode: 2,
  })
})

test('a seed file that is not there is a usage error', async () => {
  const {stdout, stderr, exitCode} = await binary([
    'sandbox',
    '--seed',
    'nope.yaml',
    '-o',
    'json',
    '--',
    'true',
  ])
  expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'USAGE',
      exitCode: 2,
      message: 'there is no file nope.yaml',
      hint: 'give --seed the path of a YAML file, or leave it out for the default world',
    },
  })
})

test('a port that is taken is a usage error', async () => {
  const {port} = await serve(jsonAnswer('{}'))
  expect(await binary(['sandbox', '--port', String(port), '--', 'true'])).toMatchObject({
    stdout: '',
    stderr: `panelctl: port ${port} on 127.0.0.1 is taken\nhint: choose another --port, or leave it out for any that is free\n`,
    exitCode: 2,
  })
})
