/** Which features a version has, of a table that says since when each is there. */
export function featuresSince<Name extends string>(
  since: Readonly<Record<Name, string>>,
  version: string,
): Record<Name, boolean> {
  const has = (wanted: string) => version.localeCompare(wanted, 'en', {numeric: true}) >= 0
  const features = Object.entries<string>(since).map(([name, wanted]) => [name, has(wanted)])
  return Object.fromEntries(features)
}
