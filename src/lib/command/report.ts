/** Where a bug is reported. */
export function reportedAt(bugs: string | undefined): string {
  return bugs ? `at ${bugs}` : 'where you have panelctl from'
}

/** What to do about a bug of ours. */
export function reportHint(bugs: string | undefined): string {
  return `run it again with --debug and report what it prints, ${reportedAt(bugs)}`
}
