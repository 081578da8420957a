import type {Answer} from '../answer.js'
import {escapedHtml} from '../html.js'

const html = {'Content-Type': 'text/html; charset=utf-8'}

/** One of Werkzeug's own pages (contracts/openidcs.md 1.2). */
function errorPage(
  status: number,
  title: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: {...html, ...headers},
    body: `<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n<p>${text}</p>\n`,
  }
}

export const notFoundPage = errorPage(
  404,
  'Not Found',
  'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
)

export function wrongMethodPage(allowed: readonly string[]): Answer {
  return errorPage(405, 'Method Not Allowed', 'The method is not allowed for the requested URL.', {
    Allow: allowed.join(', '),
  })
}

export const noJson =
  "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."

export const wrongTypePage = errorPage(415, 'Unsupported Media Type', escapedHtml(noJson))

/** Where debugging is off nobody learns what was wrong with the JSON. */
export function badRequestPage(problem: string, debug: boolean): Answer {
  const text = debug
    ? `Failed to decode JSON object: ${escapedHtml(problem)}`
    : 'The browser (or proxy) sent a request that this server could not understand.'
  return errorPage(400, 'Bad Request', text)
}

/** Werkzeug before 2.3 says 400 where later ones say 415 (1.2). */
export const oldWrongTypePage = errorPage(400, 'Bad Request', escapedHtml(noJson))

/** The front end of the newest panel, which is not built. */
export const unbuiltPage: Answer = {
  status: 503,
  headers: html,
  body: '\n        <html>\n            <head><title>OpenIDCS - 前端未构建</title></head>\n            <body style="font-family: Arial, sans-serif; padding: 50px; text-align: center;"></body>\n        </html>\n        ',
}

/** What nobody caught: the debugger's page, tens of kilobytes long, or a short one (1.2). */
export function crashPage(shown: string, debug: boolean): Answer {
  if (!debug) {
    return errorPage(
      500,
      'Internal Server Error',
      'The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.',
    )
  }
  const frame = (index: number) =>
    `<div class="frame" id="frame-${index}"><h4>File <cite class="filename">"emulated.py"</cite>, line <em class="line">${index}</em></h4><div class="source"><pre class="line">${' '.repeat(400)}</pre></div></div>\n`
  const frames = Array.from({length: 40}, (_, index) => frame(index + 1)).join('')
  return {
    status: 500,
    headers: html,
    body: `<!doctype html>\n<html lang=en>\n  <head>\n    <title>${escapedHtml(shown)}\n // Werkzeug Debugger</title>\n    <link rel="stylesheet" href="?__debugger__=yes&amp;cmd=resource&amp;f=style.css">\n  </head>\n  <body style="background-color: #fff">\n    <h1>${escapedHtml(shown.split(':')[0] ?? '')}</h1>\n<p class="errormsg">${escapedHtml(shown)}</p>\n${frames}  </body>\n</html>\n`,
  }
}
