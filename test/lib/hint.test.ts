import {expect, it} from 'vitest'
import {hintText, panelctl} from '../../src/lib/hint.js'

it.each([
  [['node1', 'vm1'], 'panelctl openidcs vm show node1 vm1 --context lab'],
  [['node1', '-dash'], 'panelctl openidcs vm show node1 --context lab -- -dash'],
  [['--host', 'vm 1'], "panelctl openidcs vm show --context lab -- --host 'vm 1'"],
])('a hint with the arguments %j can be typed as it is', (args, text) => {
  expect(hintText(panelctl('openidcs vm show', args, {flags: {context: 'lab'}}))).toBe(text)
})

it('a hint with a command behind -- can be typed as it is', () => {
  const hint = panelctl('nezha server exec', ['web 1'], {
    flags: {context: 'lab'},
    behind: ['ls', '-l', '/a b'],
  })
  expect(hintText(hint)).toBe("panelctl nezha server exec 'web 1' --context lab -- ls -l '/a b'")
  expect(hintText(panelctl('nezha server cp', ['web1:/a', '-']))).toBe('panelctl nezha server cp web1:/a -')
})
