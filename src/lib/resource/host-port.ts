/** Whether a text is a host and a port that there can be: a panel takes any number, and its agents then fail. */
export function isHostPort(written: string): boolean {
  const [, port] = /^[^\s/]+:(\d{1,5})$/.exec(written) ?? []
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535
}
