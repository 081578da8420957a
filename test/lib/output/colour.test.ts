import {describe, expect, it} from 'vitest'
import {colourLevel} from '../../../src/lib/output/colour.js'

const tty = {flagNoColour: false, isTTY: true}
const pipe = {flagNoColour: false, isTTY: false}
const flag = {flagNoColour: true, isTTY: true}

describe('colour', () => {
  it.each([
    ['a terminal has colour', tty, {}, 1],
    ['a terminal of millions has them', tty, {COLORTERM: 'truecolor'}, 3],
    ['a pipe has none', pipe, {COLORTERM: 'truecolor'}, 0],
    ['--no-color wins over everything', flag, {FORCE_COLOR: '3', CLICOLOR_FORCE: '1'}, 0],
    ['NO_COLOR wins over forcing', tty, {NO_COLOR: '1', FORCE_COLOR: '1'}, 0],
    ['an empty NO_COLOR says nothing', tty, {NO_COLOR: ''}, 1],
    ['FORCE_COLOR forces in a pipe', pipe, {FORCE_COLOR: '1'}, 1],
    ['an empty FORCE_COLOR forces', pipe, {FORCE_COLOR: ''}, 1],
    ['FORCE_COLOR=true forces', pipe, {FORCE_COLOR: 'true'}, 1],
    ['FORCE_COLOR=2 is the level', pipe, {FORCE_COLOR: '2'}, 2],
    ['FORCE_COLOR=3 is the level', pipe, {FORCE_COLOR: '3'}, 3],
    ['FORCE_COLOR=0 takes it off a terminal', tty, {FORCE_COLOR: '0', CLICOLOR_FORCE: '1'}, 0],
    ['FORCE_COLOR=false takes it off a terminal', tty, {FORCE_COLOR: 'false'}, 0],
    ['CLICOLOR_FORCE forces in a pipe', pipe, {CLICOLOR_FORCE: '1', CLICOLOR: '0', TERM: 'dumb'}, 1],
    ['CLICOLOR_FORCE=0 says nothing', pipe, {CLICOLOR_FORCE: '0'}, 0],
    ['CLICOLOR=0 takes it off a terminal', tty, {CLICOLOR: '0'}, 0],
    ['a dumb terminal has none', tty, {TERM: 'dumb', COLORTERM: 'truecolor'}, 0],
  ])('%s', (_, stream, env, level) => {
    expect(colourLevel({...stream, env})).toBe(level)
  })
})
