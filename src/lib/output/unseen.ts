import {isPlain} from './plain.js'

// What no terminal shows, but for what belongs to the character before it: joiners in emoji and in scripts that need
// them, and the selectors of an emoji's looks. U+2800 is Braille without a dot.
let invisible: RegExp | undefined

/** Made for the first text that may have such: it takes longer than a table. */
const invisibles = () =>
  new RegExp(
    [
      // The flags of England, Scotland and Wales are spelt in characters that nobody sees elsewhere: they match whole.
      String.raw`\p{RGI_Emoji_Tag_Sequence}`,
      String.raw`(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}\p{Script=Arabic}])[\u200c\u200d]`,
      String.raw`(?<!\p{Extended_Pictographic})[\ufe00-\ufe0f](?!\u20e3)`,
      String.raw`\u2800`,
      String.raw`[\p{Default_Ignorable_Code_Point}--[\u200c\u200d\ufe00-\ufe0f\u{e0100}-\u{e01ef}]]`,
    ].join('|'),
    'gv',
  )

/** The text with what nobody would see of it as an escape (`web1\u200b`), so that two names that differ look so. */
export function withUnseenShown(text: string): string {
  if (isPlain(text)) return text
  invisible ??= invisibles()
  return text.replace(invisible, character => {
    if (character.length > 2) return character
    const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
    return code.length > 4 ? `\\u{${code}}` : `\\u${code}`
  })
}
