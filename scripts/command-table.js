const marks = /(<!-- commands -->\n\n(?:\|.*\n){2})((?:\|.*\n)*)(\n<!-- commandsstop -->)/

/** The words before the last of a command: `nezha:server` of `nezha:server:list`; a command of one word is its own. */
function nounOf(id) {
  return id.includes(':') ? id.slice(0, id.lastIndexOf(':')) : id
}

/**
 * A page with its table of commands brought up to date: a row for each noun with its verbs, leading to the reference.
 * The heading stays, as it is in the page's language.
 * @param commands `nezha:server:list` with its summary
 * @param topics what a noun is in English, by its id
 * @param translated whether the page has words of its own for a noun, which stay; a new noun comes in English
 */
export function withCommandTable(page, {commands, topics, translated}) {
  const [, head, rows, end] = marks.exec(page)
  const words = new Map()
  if (translated) {
    for (const [, noun, description] of rows.matchAll(/^\| \[`(.+?)`\].* \| (.*) \|$/gm)) {
      words.set(noun.replaceAll(' ', ':'), description)
    }
  }
  const nouns = [...new Set(Object.keys(commands).map(nounOf))].toSorted()
  const table = nouns.map(noun => {
    const verbs = Object.keys(commands)
      .filter(id => id !== noun && nounOf(id) === noun)
      .map(id => `\`${id.slice(noun.length + 1)}\``)
    const description = words.get(noun) ?? topics[noun]?.description ?? commands[noun]?.summary
    const reference = `docs/reference/${noun.split(':')[0]}.md`
    return `| [\`${noun.replaceAll(':', ' ')}\`](${reference}) | ${verbs.join(' ')} | ${description} |\n`
  })
  return page.replace(marks, () => `${head}${table.join('')}${end}`)
}
