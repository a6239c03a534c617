/** Tests run two files at a time: each may hold an onnxruntime of its own. */
import { defineConfig } from 'vitest/config'
import CountsReporter from './test/countsReporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['default', new CountsReporter()],
  },
})
