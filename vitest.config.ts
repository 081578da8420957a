import {availableParallelism} from 'node:os'
import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The machine's own panels and proxies are none of a test's business.
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/build.ts'],
    // Half of the time went into loading the same sources anew for each file: a worker loads them once. Tests share no
    // state but what modules hold, and those hold caches of what cannot change.
    isolate: false,
    // Tests wait for processes and sockets for much of their time; one worker a core less one, as it is by default,
    // leaves a machine of two cores idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
