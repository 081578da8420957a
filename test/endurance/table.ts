/** Prints rows under their headings, each as wide as its column. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const texts = rows.map(row => row.map(String))
  const widths = (texts[0] ?? []).map((_, at) => Math.max(...texts.map(row => row[at]?.length ?? 0)))
  const lines = texts.map(row => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
  process.stdout.write(`\n${lines.map(line => line.trimEnd()).join('\n')}\n\n`)
}
