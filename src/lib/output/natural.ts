const runs = /[0-9]+|[^0-9]+/g

function compareCodeUnits(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function isNumber(run: string): boolean {
  return run >= '0' && run < ':'
}

function compareRuns(a: string, b: string): number {
  const numbers = Number(isNumber(b)) - Number(isNumber(a))
  if (numbers !== 0) return numbers
  if (!isNumber(a)) return compareCodeUnits(a, b)
  // As text, because a run of digits may be longer than a number is exact.
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return left.length - right.length || compareCodeUnits(left, right)
}

/**
 * Orders names as people count: `web2` before `web10`, capitals beside small letters. It is the same on every machine:
 * no locale and no ICU version has a say. 0 only for equal strings.
 */
export function compareNatural(a: string, b: string): number {
  const left = a.toLowerCase().match(runs) ?? []
  const right = b.toLowerCase().match(runs) ?? []
  for (const [index, run] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    const order = compareRuns(run, other)
    if (order !== 0) return order
  }
  return left.length - right.length || compareCodeUnits(a, b)
}
