import type {Answer} from '../answer.js'
import {escapedHtml} from '../html.js'

/**
 * The web page, which stands for every unknown GET, with status 200 (contracts/komari.md 0.4 G). Its
 * markup is the sandbox's own; title and description are the panel's settings, as there.
 */
export function sitePage(title: string, description: string): Answer {
  return {
    status: 200,
    headers: {'Content-Type': 'text/html; charset=utf-8'},
    body: `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <title>${escapedHtml(title)}</title>
    <meta name="description" content="${escapedHtml(description)}" />
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
