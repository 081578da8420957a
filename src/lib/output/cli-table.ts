import CliTable from 'cli-table3'
import {type MeasuredCell, separator} from './padding.js'

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: separator,
}

/** One line a row, laid out by cli-table3. Quadratic in the number of rows. */
export function cliTableLines(grid: readonly (readonly MeasuredCell[])[]): string[] {
  const table = new CliTable({
    chars: borderless,
    style: {'padding-left': 0, 'padding-right': 0, head: [], border: []},
  })
  table.push(...grid.map(row => row.map(cell => ({content: cell.text, hAlign: cell.align}))))
  return table.toString().split('\n')
}
