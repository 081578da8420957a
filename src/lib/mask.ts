/** What stands in the place of a secret, wherever panelctl shows one: answers, requests, messages, commands to run. */
export const MASK = '********'

/**
 * Whether a text is a mask and not a value: ours, or a panel's own `******`, also with the line break that files and
 * blocks of YAML end with. Such a text is never sent to a panel.
 */
export function isMask(text: string): boolean {
  return /^\*{6,}$/.test(text.trim())
}
