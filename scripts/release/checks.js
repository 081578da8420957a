// What would stop a release.
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** What is not as a release wants it, a line each; none where all is well. */
export function unmet({root, description, runtimes}) {
  const run = (...words) => spawnSync(words[0], words.slice(1), {cwd: root, encoding: 'utf8'})
  const text = name => readFileSync(join(root, name), 'utf8')
  const script = (name, ...words) => run(process.execPath, join(root, 'scripts', name), ...words)
  const lines = []
  const {version} = description
  if (run('git', 'status', '--porcelain').stdout !== '')
    lines.push('git status: there are changes that are not committed')
  const heading = text('CHANGELOG.md')
    .split('\n')
    .find(line => line.startsWith(`## ${version}`))
  if (!heading) lines.push(`CHANGELOG.md says nothing of ${version}`)
  else if (heading.includes('unreleased'))
    lines.push(`CHANGELOG.md calls ${version} unreleased: write the date`)
  if (JSON.parse(text('package-lock.json')).version !== version)
    lines.push('package-lock.json is of another version: npm install')
  if (script('reference.js', '--check').status !== 0)
    lines.push('manifest or reference are stale: npm run reference')
  const publishable = script('publishable.js')
  if (publishable.status !== 0) lines.push(publishable.stderr.trim())
  if (text('install.sh').includes('.invalid')) lines.push('install.sh does not say where releases lie')
  for (const {package: name, version: ours} of Object.values(runtimes)) {
    const {stdout} = run('npm', 'view', `${name}@${ours.split('.')[0]}`, 'version', '--json')
    const newest = [stdout ? JSON.parse(stdout) : []].flat().at(-1)
    if (newest !== ours)
      lines.push(`scripts/release/runtimes.js has ${name} ${ours}, and the newest is ${newest}`)
  }
  return lines
}
