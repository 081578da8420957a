import {execFileSync} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import * as z from 'zod/mini'
import {billOfMaterials} from '../../scripts/release/bill-of-materials.js'
import {makeDebian} from '../../scripts/release/debian.js'
import {runtimes} from '../../scripts/release/runtimes.js'
import {root, temporaryFolder} from '../harness.js'
import {isInstalled} from '../process/shell.js'

const text = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')

const components = z.array(
  z.looseObject({
    name: z.string(),
    version: z.string(),
    purl: z.string(),
    hashes: z.array(
      z.object({alg: z.literal('SHA-512'), content: z.string().check(z.regex(/^[0-9a-f]{128}$/))}),
    ),
    licenses: z.array(z.looseObject({})).check(z.minLength(1)),
  }),
)
const bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({
    timestamp: z.string(),
    component: z.looseObject({name: z.string(), purl: z.string()}),
  }),
  components,
  dependencies: z.array(z.object({ref: z.string(), dependsOn: z.array(z.string())})),
})

test('the list of what is in a release has what the notices have, and the Nodes, and nothing else', () => {
  const bundles: unknown = JSON.parse(text('dist', 'meta.json'))
  const made = bill.parse(
    billOfMaterials({root, bundles, runtimes: Object.values(runtimes), seconds: 86_400}),
  )
  const inNotices = [...text('dist', 'THIRD-PARTY-NOTICES.txt').matchAll(/^(\S+) (\d+\.\d+\.\d+\S*) \(/gm)]
  const nodes = Object.values(runtimes).map(({package: name, version}) => `${name}@${version}`)
  const names = made.components.map(({name, version}) => `${name}@${version}`)
  expect(names.toSorted()).toEqual(
    [...inNotices.map(([, name, version]) => `${name}@${version}`), ...nodes].toSorted(),
  )
  expect(made.metadata).toMatchObject({
    timestamp: '1970-01-02T00:00:00.000Z',
    component: {name: 'panelctl', purl: expect.stringMatching(/^pkg:npm\/panelctl@/)},
  })
  const leadsTo = made.dependencies.flatMap(({dependsOn}) => dependsOn)
  expect(leadsTo.filter(name => !names.includes(name))).toEqual([])
})

test('both architectures run Nodes of one line, as the one packs for the other', () => {
  const lines = Object.values(runtimes).map(({version}) => version.split('.')[0])
  expect(new Set(lines).size).toBe(1)
})

test('the recipe of the image takes the package of its architecture, and runs without root', () => {
  const instructions = text('scripts', 'release', 'Dockerfile')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
  const version = /^FROM debian:(\d+)-slim$/.exec(instructions[0] ?? '')?.[1]
  // The oldest with the libraries that the file needs.
  expect(Number(version)).toBeGreaterThanOrEqual(10)
  expect(instructions.slice(1)).toEqual([
    'ARG TARGETARCH',
    'RUN --mount=type=bind,target=/release dpkg --install /release/panelctl_*_"$TARGETARCH".deb',
    'USER 65534:65534',
    'WORKDIR /tmp',
    'ENTRYPOINT ["panelctl"]',
  ])
  // What Docker calls an architecture is what Debian calls it.
  expect(Object.values(runtimes).map(({debian}) => debian)).toEqual(['amd64', 'arm64'])
})

test.skipIf(!isInstalled('dpkg-deb'))(
  'the Debian package has what it says and nothing of the run that made it (needs dpkg-deb)',
  () => {
    const folder = temporaryFolder()
    const file = join(folder, 'panelctl-linux-arm64')
    writeFileSync(file, 'the one file', {mode: 0o755})
    // The Node lies there.
    mkdirSync(join(folder, 'arm64', 'bin'), {recursive: true})
    writeFileSync(join(folder, 'arm64', 'bin', 'node'), 'a Node')
    const to = join(folder, 'panelctl.deb')
    const description: unknown = JSON.parse(text('package.json'))
    const notices = join(root, 'LICENSE')
    makeDebian({root, description, file, notices, architecture: 'arm64', seconds: 86_400, folder, to})
    const out = join(folder, 'out')
    execFileSync('dpkg-deb', ['--extract', to, out])
    const files = readdirSync(out, {recursive: true, withFileTypes: true})
      .filter(entry => entry.isFile())
      .map(({parentPath, name}) => join(parentPath, name).slice(out.length))
    const pages = readdirSync(join(root, 'dist', 'man')).map(name => `/usr/share/man/man1/${name}.gz`)
    expect(files.toSorted()).toEqual(
      [
        '/usr/bin/panelctl',
        '/usr/share/bash-completion/completions/panelctl',
        '/usr/share/doc/panelctl/changelog.gz',
        '/usr/share/doc/panelctl/copyright',
        '/usr/share/fish/vendor_completions.d/panelctl.fish',
        '/usr/share/zsh/vendor-completions/_panelctl',
        ...pages,
      ].toSorted(),
    )
    const field = (name: string) => execFileSync('dpkg-deb', ['--field', to, name], {encoding: 'utf8'}).trim()
    expect({architecture: field('Architecture'), depends: field('Depends')}).toEqual({
      architecture: 'arm64',
      depends: 'libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 5)',
    })
  },
)
