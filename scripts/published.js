/**
 * Whether an address of package.json is a real one. Until panelctl is published they end in `.invalid`, a domain that
 * never resolves (RFC 2606), so that nobody is sent to a stranger's page.
 */
export function published(url) {
  return url !== undefined && !new URL(url.replace(/^git\+/, '')).hostname.endsWith('.invalid')
}
