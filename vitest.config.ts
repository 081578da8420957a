import {readdirSync, readFileSync} from 'node:fs'
import {availableParallelism} from 'node:os'
import {defineConfig} from 'vitest/config'

const include = ['test/**/*.test.ts']

/** Tests that put something in the place of a module need the modules for themselves. */
const withMocks = readdirSync('test', {recursive: true, encoding: 'utf8'})
  .filter(name => name.endsWith('.test.ts'))
  .map(name => `test/${name.replaceAll('\\', '/')}`)
  .filter(file => readFileSync(file, 'utf8').includes('vi.mock('))

export default defineConfig({
  test: {
    // The machine's own panels and proxies are none of a test's business.
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/build.ts'],
    // Tests wait for processes and sockets for much of their time: a worker for each core less one, as it is by
    // default, leaves a machine of two cores idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // What hangs, hangs for ever; a machine that others use too takes four times as long for the rest.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    projects: [
      // Half of the time went into loading the same sources anew for each file: a worker loads them once.
      {extends: true, test: {name: 'together', include, exclude: withMocks, isolate: false}},
      {extends: true, test: {name: 'apart', include: withMocks}},
    ],
  },
})
