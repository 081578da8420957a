import {usageError} from '../../errors.js'

/** Control characters, what no eye sees, and halves of characters, which no address can hold. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/**
 * Refuses a name, for something new, that nobody could type again or tell from another one: the panel takes any, and
 * finds hosts and virtual machines by nothing else (contracts/openidcs.md 2.2 no. 12, 2.3 no. 19).
 * @throws PanelctlError USAGE
 */
export function refuseUnseen(name: string): void {
  const shown = name.replace(unseen, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
  if (shown !== name) {
    throw usageError(`"${shown}" cannot be a name: it holds a character that cannot be seen`)
  }
}
