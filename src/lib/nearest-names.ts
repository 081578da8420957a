/** The names that `wanted` is most likely a slip of, best first; at most three, none when nothing is near. */
export function nearestNames(wanted: string, names: Iterable<string>): string[] {
  return [...new Set(names)]
    .flatMap(name => {
      const steps = nearness(wanted.toLowerCase(), name.toLowerCase())
      return steps === undefined ? [] : [{name, steps}]
    })
    .sort((one, other) => one.steps - other.steps || (one.name < other.name ? -1 : 1))
    .slice(0, 3)
    .map(({name}) => name)
}

/** The question whether one of those was meant, in quotes; `otherwise` where none is near. */
export function didYouMean<Otherwise>(
  wanted: string,
  names: Iterable<string>,
  otherwise: Otherwise,
): string | Otherwise {
  const close = nearestNames(wanted, names).map(near => `"${near}"`)
  return close.length > 0 ? `did you mean ${close.join(' or ')}?` : otherwise
}

/**
 * How many letters are wrong, missing or too many, of which a third may be: short words are all near each other. `prod` for `prod-eu` is
 * how people shorten, and counts as one; so do two letters that have changed places.
 */
function nearness(wanted: string, name: string): number | undefined {
  if (wanted === name) return 0
  if (isSwapped(wanted, name) || (wanted !== '' && name.startsWith(wanted))) return 1
  const steps = editDistance(wanted, name)
  return steps <= Math.floor(wanted.length / 3) ? steps : undefined
}

/** Whether one letter is wrong, missing, too many, or two have changed places. */
export function isSlip(typed: string, name: string): boolean {
  return isSwapped(typed, name) || (typed.length > 2 && editDistance(typed, name) <= 1)
}

function isSwapped(typed: string, name: string): boolean {
  const at = [...typed].findIndex((letter, index) => letter !== name[index])
  const swapped = `${typed.slice(0, at)}${typed[at + 1] ?? ''}${typed[at] ?? ''}${typed.slice(at + 2)}`
  return at !== -1 && swapped === name
}

function editDistance(from: string, to: string): number {
  let row = Array.from({length: to.length + 1}, (_, index) => index)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
