import {expect, test} from 'vitest'
import {withUnseenShown} from '../../../src/lib/output/unseen.js'

test.each([
  ['web1\u200b', 'web1\\u200b'],
  ['\u200ew\u061ceb1', '\\u200ew\\u061ceb1'],
  ['web1\u3164', 'web1\\u3164'],
  ['web1\u2800', 'web1\\u2800'],
  ['we\u00adb1', 'we\\u00adb1'],
  ['web\u200d1', 'web\\u200d1'],
  ['web1\ufe0f', 'web1\\ufe0f'],
  ['web1\u{e0041}', 'web1\\u{e0041}'],
  ['🏴\u{e0078}\u{e007f}', '🏴\\u{e0078}\\u{e007f}'],
])('%j does not look like web1', (text, shown) => {
  expect(withUnseenShown(text)).toBe(shown)
})

test.each([
  '服务器 café',
  '👨‍👩‍👧',
  '👨🏽‍💻',
  '❤️',
  '1️⃣',
  '🇭🇰 HK',
  '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} London',
  'می‌خواهم',
  'क्‍ष',
  'العربية',
])('%s stays as it is', text => {
  expect(withUnseenShown(text)).toBe(text)
})
