/** Where progress is drawn: a terminal. */
export interface ProgressLine {
  write(text: string): unknown
}

/**
 * Shows on one line of a terminal that something is still going on: from the second second on, counting. What is quick
 * shows nothing.
 * @returns ends it and wipes the line
 */
export function showProgress(line: ProgressLine, text: string): () => void {
  let seconds = 0
  const timer = setInterval(() => {
    seconds += 1
    line.write(`\r\u001b[K${text} … ${seconds}s`)
  }, 1000)
  return () => {
    clearInterval(timer)
    if (seconds > 0) line.write('\r\u001b[K')
  }
}
