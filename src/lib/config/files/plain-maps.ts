// `key: value` or `key:`, of words that YAML takes for nothing but text. Whatever else there may be is for the library.
const line = /^( *)([A-Za-z][\w.-]{0,99}):(?: ([\w./:@%+=~-]{1,900}))?$/

/** Text, true or false; undefined where it may be something else to YAML: a number, null, a date, the key of a map. */
function scalarOf(word: string): string | boolean | undefined {
  if (word === 'true' || word === 'false') return word === 'true'
  if (/^(true|false|null)$/i.test(word) || word.endsWith(':')) return undefined
  // Numbers are made of digits, hexadecimal ones of a to f as well.
  return /^[A-Za-z/]/.test(word) || /^\d\w*[g-np-wyz]/i.test(word) ? word : undefined
}

type Tree = {[key: string]: Tree | string | boolean}

/**
 * The content of a YAML file that is maps of maps of words, as we write them ourselves: the library takes longer to load, and ten
 * times as long for each line. Undefined where there is anything else in it, also what is wrong.
 */
export function plainMaps(text: string): Tree | undefined {
  if (!text.endsWith('\n')) return undefined
  const root: Tree = {}
  /** The maps that the line is in, the innermost last. */
  const open: {indent: number; map: Tree}[] = [{indent: 0, map: root}]
  let opened: Tree | undefined
  for (const row of text.slice(0, -1).split('\n')) {
    const [, {length: indent} = '', key, word] = line.exec(row) ?? []
    if (key === undefined) return undefined
    if (opened) {
      // A key without a value, which is null.
      if (indent <= (open.at(-1)?.indent ?? 0)) return undefined
      open.push({indent, map: opened})
    }
    while ((open.at(-1)?.indent ?? 0) > indent) open.pop()
    const {indent: level, map} = open.at(-1) ?? {}
    if (map === undefined || level !== indent || Object.hasOwn(map, key)) return undefined
    const value: Tree | string | boolean | undefined = word === undefined ? {} : scalarOf(word)
    if (value === undefined) return undefined
    map[key] = value
    opened = typeof value === 'object' ? value : undefined
  }
  return opened ? undefined : root
}
