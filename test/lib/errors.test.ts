import {expect, test} from 'vitest'
import {type ErrorCode, mayHaveBeenDone, PanelctlError} from '../../src/lib/errors.js'

test.each([
  ['UNCERTAIN', undefined, true],
  ['UNCERTAIN', 502, true],
  ['BAD_RESPONSE', 200, true],
  ['BAD_RESPONSE', undefined, true],
  ['BAD_RESPONSE', 302, false],
  ['BAD_RESPONSE', 405, false],
  ['REJECTED', 200, false],
  ['NOT_FOUND', 200, false],
  ['UNREACHABLE', undefined, false],
] as const satisfies [ErrorCode, number | undefined, boolean][])(
  'a write that ended with %s (HTTP %s) may have been done: %s',
  (code, status, may) => {
    expect(mayHaveBeenDone(new PanelctlError(code, 'x', {status}))).toBe(may)
  },
)
