// Runs before `npm publish`, and stops it while package.json does not say where panelctl lives.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {published} from './published.js'

const {repository, bugs, homepage, author} = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'),
)
const addresses = {
  'repository.url': repository?.url,
  'bugs.url': bugs?.url,
  homepage,
  author: author?.replace(/^.*@([^>]*)>$/, 'https://$1'),
}
const missing = Object.keys(addresses).filter(field => !published(addresses[field]))
if (missing.length > 0) {
  process.stderr.write(
    `not published: fill ${missing.join(', ')} of package.json (CONTRIBUTING.md, "Releasing")\n`,
  )
  process.exitCode = 1
}
