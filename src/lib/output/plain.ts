// ASCII, Chinese characters and Korean syllables: most text that there is.
const plain = /^[ -~\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]*$/

/**
 * True of text in which each character is shown, and by itself. What looks at other text needs what Unicode knows of all
 * characters, which takes longer to load than a table takes to draw.
 */
export function isPlain(text: string): boolean {
  return plain.test(text)
}

/** The number of terminal columns of plain text. */
export function plainWidth(text: string): number {
  let width = text.length
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7e) width++
  return width
}
