import {PassThrough} from 'node:stream'
import {describe, expect, test} from 'vitest'
import {createSpeech} from '../../../src/lib/command/speech.js'
import {exitCodes, PanelctlError} from '../../../src/lib/errors.js'

function speech(options: {asJson?: boolean; quiet?: boolean; debug?: boolean} = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const {asJson = false, quiet = false, debug = false} = options
  const says = createSpeech({stdin, stdout, stderr}, {asJson, quiet, debug})
  return {says, heard: () => String(stderr.read() ?? ''), data: () => stdout.read()}
}

const hostile = 'a\u001b[31mb\nc\u009b1m'
const error = new PanelctlError('REJECTED', 'no', {hint: 'ask', panel: 'nezha', status: 400})

describe('speech', () => {
  test('goes to stderr and nowhere else', () => {
    const {says, heard, data} = speech()
    says.note('a note')
    says.warn('a warning')
    says.debug('hidden')
    says.fail(error)
    expect(heard()).toBe('a note\nwarning: a warning\npanelctl: no\nhint: ask\n')
    expect(data()).toBeNull()
  })

  test('is one object a line with -o json', () => {
    const {says, heard} = speech({asJson: true})
    says.note('a note')
    says.warn(hostile)
    says.fail(error)
    const lines = heard().trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line))).toEqual([
      {note: 'a note'},
      {warning: 'ab c'},
      {error: {code: 'REJECTED', exitCode: 5, message: 'no', hint: 'ask', panel: 'nezha', status: 400}},
    ])
  })

  test('leaves out of the error what is not known', () => {
    const {says, heard} = speech({asJson: true})
    says.fail(new PanelctlError('USAGE', 'no'))
    expect(heard()).toBe('{"error":{"code":"USAGE","exitCode":2,"message":"no"}}\n')
  })

  test.each([false, true])('tells errors alone with --quiet, as JSON: %s', asJson => {
    const {says, heard} = speech({asJson, quiet: true})
    says.note('a note')
    says.warn('a warning')
    expect(heard()).toBe('')
    says.fail(error)
    expect(heard()).toContain('no')
  })

  test('is printable, each message on one line', () => {
    const {says, heard} = speech({debug: true})
    says.note(hostile)
    says.warn(hostile)
    says.debug(hostile)
    says.fail(new PanelctlError('REJECTED', hostile, {hint: hostile}))
    expect(heard().split('\n').slice(0, 5)).toEqual([
      'ab c',
      'warning: ab c',
      'debug: ab c',
      'panelctl: ab c',
      'hint: ab c',
    ])
  })

  test('has the stack with --debug only', () => {
    const quiet = speech()
    quiet.says.fail(error)
    expect(quiet.heard()).not.toContain('at ')
    const loud = speech({debug: true})
    loud.says.fail(error)
    expect(loud.heard()).toContain('speech.test.ts')
  })
})

test('each exit code stands for one thing', () => {
  const codes = Object.values(exitCodes)
  expect(codes).toEqual(Array.from({length: 12}, (_, index) => index + 1))
})
