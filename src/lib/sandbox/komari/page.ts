import type {Answer} from '../answer.js'

/**
 * The web page, which stands for every unknown GET, with status 200 (contracts/komari.md 0.4 G). Its
 * markup is the sandbox's own; title and description are the panel's settings, as there.
 */
export function page(title: string, description: string): Answer {
  return {
    status: 200,
    headers: {'Content-Type': 'text/html; charset=utf-8'},
    body: `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <title>${escaped(title)}</title>
    <meta name="description" content="${escaped(description)}" />
  </head>
  <body>
    <div id="root"></div>
  </body>
</html>
`,
  }
}

/** Unknown paths of any other method, HEAD among them (0.4 F). */
export const notFound: Answer = {
  status: 404,
  headers: {'Content-Type': 'text/plain'},
  body: '404 page not found',
}

/** Go's redirect: a link for a GET, nothing for the rest. */
export function redirect(status: 301 | 302 | 307, location: string, method: string): Answer {
  const texts = {301: 'Moved Permanently', 302: 'Found', 307: 'Temporary Redirect'}
  if (method !== 'GET') return {status, headers: {Location: location}}
  return {
    status,
    headers: {'Content-Type': 'text/html; charset=utf-8', Location: location},
    body: `<a href="${escaped(location)}">${texts[status]}</a>.\n\n`,
  }
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
}
