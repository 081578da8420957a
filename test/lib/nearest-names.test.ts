import {expect, it} from 'vitest'
import {nearestNames} from '../../src/lib/nearest-names.js'

it.each([
  ['labb', ['lab', 'prod'], ['lab']],
  ['LAB', ['lab', 'prod'], ['lab']],
  ['prod', ['prod-eu', 'prod-us', 'lab'], ['prod-eu', 'prod-us']],
  ['staging', ['lab', 'prod'], []],
  ['vm1', ['vm5', 'vm4', 'vm3', 'vm2'], ['vm2', 'vm3', 'vm4']],
  ['99', ['q1', 'vm', '9a'], []],
  ['mv', ['vm', 'vm1'], ['vm']],
  ['vm', ['vm1', 'am'], ['vm1']],
  ['stop', ['show', 'stpo'], ['stpo']],
  ['webserver', ['webservers', 'wobsarvar', 'database1'], ['webservers', 'wobsarvar']],
  ['WEB', ['web', 'Web', 'web'], ['Web', 'web']],
  ['x', [], []],
])('a person who typed %s, of %j, is offered %j', (wanted, names, near) => {
  expect(nearestNames(wanted, names)).toEqual(near)
})
