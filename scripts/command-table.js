const marks = /(<!-- commands -->\n\n(?:\|.*\n){2})((?:\|.*\n)*)(\n<!-- commandsstop -->)/

/** `server` (details, list, show), `login`, `logout`: what follows the first word of commands, groups first. */
function nounsOf(first, ids) {
  const following = ids.filter(id => id.startsWith(`${first}:`)).map(id => id.slice(first.length + 1))
  const groups = new Set(following.filter(id => id.includes(':')).map(id => id.split(':')[0]))
  const verbsOf = noun =>
    following
      .filter(id => id.startsWith(`${noun}:`))
      .map(id => id.slice(noun.length + 1).replaceAll(':', ' '))
  return [
    ...[...groups].map(noun => `\`${noun}\` (${verbsOf(noun).join(', ')})`),
    ...following.filter(id => !id.includes(':')).map(verb => `\`${verb}\``),
  ].join(', ')
}

/**
 * A page with its table of commands brought up to date: a row for each first word, with what follows it.
 * The heading stays, as it is in the page's language.
 * @param commands `nezha:server:list` with its summary
 * @param topics what a first word is in English
 * @param translated whether the page has words of its own for one, which stay; a new one comes in English
 */
export function withCommandTable(page, {commands, topics, translated}) {
  const [, head, rows, end] = marks.exec(page)
  const words = translated
    ? new Map([...rows.matchAll(/^\| \[`(.+?)`\]\S+ \| (.*?) \|/gm)].map(([, ...row]) => row))
    : new Map()
  const ids = Object.keys(commands).toSorted()
  const table = [...new Set(ids.map(id => id.split(':')[0]))].map(first => {
    const what = words.get(first) ?? topics[first]?.description ?? commands[first].summary
    return `| [\`${first}\`](docs/reference/${first}.md) | ${what} | ${nounsOf(first, ids)} |\n`
  })
  return page.replace(marks, () => `${head}${table.join('')}${end}`)
}
