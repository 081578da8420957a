import {readdirSync} from 'node:fs'
import {expect, test} from 'vitest'
import {panels} from '../../src/lib/panels/index.js'

test('changed answers of each panel are tried', () => {
  const files = readdirSync('test/fuzz').filter(name => name.endsWith('.test.ts'))
  expect(files.toSorted()).toEqual(panels.map(({panel}) => `${panel.name}.test.ts`).toSorted())
})
