/** Tests run two files at a time: each may hold an onnxruntime of its own. */
import { defineConfig } from 'vitest/config'
import CountsReporter from './test/countsReporter.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    globalSetup: 'test/runFolder.ts',
    setupFiles: 'test/ownFolder.ts',
    // TensorFlow.js's own gradients are in none of its bundles, and its single files are no modules that Node would load.
    server: { deps: { inline: [/tfjs-core\/dist\/(?!tf-core)/] } },
    reporters: ['default', new CountsReporter()],
  },
})
