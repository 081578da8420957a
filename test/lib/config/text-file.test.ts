import {expect, test} from 'vitest'
import {fileError} from '../../../src/lib/config/files/text-file.js'

test.each([
  [
    'EACCES',
    'permission denied',
    "is HOME another user's? set it to yours, or set PANELCTL_CONFIG_DIR to another folder",
  ],
  ['EISDIR', 'illegal operation on a directory', 'fix it, or set PANELCTL_CONFIG_DIR to another folder'],
])('a file of ours that gives %s is told in plain words, its path once', (code, words, hint) => {
  const error = Object.assign(new Error(`${code}: ${words}, open '/root/config.yaml'`), {code})
  expect(fileError('read', '/root/config.yaml', error)).toMatchObject({
    exitCode: 2,
    message: `cannot read /root/config.yaml: ${words}`,
    hint,
  })
})
