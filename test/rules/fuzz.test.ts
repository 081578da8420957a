import {readdirSync} from 'node:fs'
import {expect, test} from 'vitest'
import {panels} from '../../src/lib/panels/index.js'
import {emulated} from '../fuzz/answers.js'

const versions = Object.keys(emulated)

test('changed answers of each panel are tried', () => {
  expect([...new Set(versions.map(version => version.split(' ')[0]))].toSorted()).toEqual(
    panels.map(({panel}) => panel.name).toSorted(),
  )
})

test('changed answers of each version are tried, each in a file', () => {
  const files = readdirSync('test/fuzz').filter(name => name.endsWith('.test.ts'))
  expect(files.toSorted()).toEqual(versions.map(version => `${version.replace(' ', '-')}.test.ts`).toSorted())
})
