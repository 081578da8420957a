/** A line that man prints as it stands. */
export function roff(line: string): string
