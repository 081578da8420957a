import {expect, it} from 'vitest'
import {nearestNames} from '../../src/lib/nearest-names.js'

it.each([
  ['labb', ['lab', 'prod'], ['lab']],
  ['LAB', ['lab', 'prod'], ['lab']],
  ['prod', ['prod-eu', 'prod-us', 'lab'], ['prod-eu', 'prod-us']],
  ['staging', ['lab', 'prod'], []],
  ['a1', ['a5', 'a4', 'a3', 'a2'], ['a2', 'a3', 'a4']],
  ['x', [], []],
])('a person who typed %s, of %j, is offered %j', (wanted, names, near) => {
  expect(nearestNames(wanted, names)).toEqual(near)
})
