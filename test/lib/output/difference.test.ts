import fc from 'fast-check'
import {expect, test} from 'vitest'
import {differencesOf} from '../../../src/lib/output/difference.js'

test('fields that differ are named with their path', () => {
  const from = {cpu: 2, nic: {eth0: {ip: 'a', mac: 'm'}}, tags: ['x'], old: 1}
  const to = {cpu: 4, nic: {eth0: {ip: 'b', mac: 'm'}}, tags: ['x', 'y'], fresh: null}
  expect(differencesOf(from, to)).toEqual([
    {field: 'cpu', from: 2, to: 4},
    {field: 'nic.eth0.ip', from: 'a', to: 'b'},
    {field: 'tags', from: ['x'], to: ['x', 'y']},
    {field: 'old', from: 1, to: undefined},
    {field: 'fresh', from: undefined, to: null},
  ])
})

test('a value does not differ from itself', () => {
  fc.assert(fc.property(fc.jsonValue(), value => differencesOf(value, structuredClone(value)).length === 0))
})
