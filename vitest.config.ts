import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The machine's own panels and proxies are none of a test's business.
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/build.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
