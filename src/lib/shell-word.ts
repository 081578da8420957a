/** One word for a POSIX shell in quotes, whatever the text holds. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** One word for a shell, in quotes only where it needs them: for commands that a person is to read and type. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./…-]+$/.test(text) ? text : shellQuoted(text)
}
