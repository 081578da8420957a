import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** Fills a folder with so many saved contexts of the dashboard, the last of which is the current one. Gives its path. */
export function savedContexts(folder, count, {NEZHA_DASHBOARD_URL: url, NEZHA_TOKEN: token}) {
  const names = Array.from({length: count}, (_, index) => `dashboard${index + 1}`)
  const context = name =>
    `  ${name}:\n    panel: nezha\n    url: ${url}\n    credential: token\n    store: file\n`
  const secret = name => `${name}:\n  kind: token\n  value: ${token}\n`
  mkdirSync(folder, {recursive: true, mode: 0o700})
  writeFileSync(
    join(folder, 'config.yaml'),
    `contexts:\n${names.map(context).join('')}current:\n  nezha: ${names.at(-1)}\n`,
  )
  writeFileSync(join(folder, 'credentials.yaml'), names.map(secret).join(''), {mode: 0o600})
  return folder
}
