import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {root} from '../harness.js'

test('the program knows no address but those of install scripts: no updates, no telemetry', () => {
  const src = join(root, 'src')
  const found = readdirSync(src, {recursive: true, encoding: 'utf8'})
    .filter(file => file.endsWith('.ts') && !file.startsWith(join('lib', 'sandbox')))
    .flatMap(file =>
      [...readFileSync(join(src, file), 'utf8').matchAll(/(?:https?|wss?):\/\/([\w-]+(?:\.[\w-]+)+)/g)]
        .map(([, host = '']) => host)
        .filter(host => !/(^|\.)example\.com$|^[\d.]+$/.test(host))
        .map(host => `${host}${/agent/.test(file) ? ' for an agent' : ''}`),
    )
  expect([...new Set(found)].toSorted()).toEqual([
    'gitee.com for an agent',
    // The name of a vocabulary, which nobody calls.
    'json-schema.org',
    'raw.githubusercontent.com for an agent',
  ])
})
