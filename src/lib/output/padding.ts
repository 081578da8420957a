/** A printable cell with the terminal columns it takes. */
export interface MeasuredCell {
  text: string
  width: number
  align: 'left' | 'right'
}

/** What stands between two columns. */
export const separator = '  '

function pad(cell: MeasuredCell, width: number): string {
  const spaces = ' '.repeat(Math.max(0, width - cell.width))
  return cell.align === 'right' ? spaces + cell.text : cell.text + spaces
}

/** One line a row, each cell padded to its column's width: byte for byte what `cliTableLines` gives, where that does not miscount. */
export function paddedLines(grid: readonly (readonly MeasuredCell[])[], widths: readonly number[]): string[] {
  return grid.map(row => row.map((cell, index) => pad(cell, widths[index] ?? 0)).join(separator))
}
