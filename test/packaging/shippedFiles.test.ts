/** Which files of packages are shipped. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { filesBelow } from '../../packaging/folder.ts'
import { isLoaded, isShipped } from '../../packaging/shippedFiles.ts'
import { targetOf, targets } from '../../packaging/targets.ts'

const [linux] = targets
const shippedOf = (name: string, target = linux): string[] =>
  filesBelow(`node_modules/${name}`)
    .map(({ path }) => path)
    .filter((path) => isShipped(name, path, target))

test('every target gets its own native modules and no other machine\'s', () => {
  for (const target of targets)
    for (const name of ['better-sqlite3', 'onnxruntime-node']) {
      const natives = shippedOf(name, target).filter((path) => /\.(node|so\.1|dylib|dll)$/.test(path))
      expect(natives.toSorted(), target.name).toEqual(target.natives[name].toSorted())
    }
})

test('of TensorFlow.js only what Node loads is shipped', () => {
  expect(shippedOf('@tensorflow/tfjs-backend-wasm')).toEqual([
    'dist/tf-backend-wasm.node.js',
    'dist/tfjs-backend-wasm-simd.wasm',
    'dist/tfjs-backend-wasm-threaded-simd.wasm',
    'dist/tfjs-backend-wasm.wasm',
    'package.json',
  ])
  expect(shippedOf('@tensorflow/tfjs-core')).toEqual(['dist/tf-core.node.js', 'package.json'])
})

test('of packages in two forms only the one that is imported is shipped', () => {
  for (const name of ['zod', '@bufbuild/protobuf', '@huggingface/jinja', '@huggingface/tokenizers'])
    expect(shippedOf(name).filter((path) => /\.cjs$|(^|\/)(cjs|mini|v3)\//.test(path)), name).toEqual([])
  expect(shippedOf('zod')).toEqual(expect.arrayContaining(['index.js', 'v4/classic/external.js', 'v4/core/schemas.js', 'v4/locales/en.js']))
})

test('licences are shipped, tests, types, maps and sources in C are not', () => {
  expect(isShipped('any', 'LICENSE.md', linux)).toBe(true)
  expect(isShipped('any', 'lib/index.js', linux)).toBe(true)
  // A folder of yaml's that is loaded.
  expect(isShipped('yaml', 'dist/doc/directives.js', linux)).toBe(true)
  const types = ['lib/index.d.ts', 'lib/index.js.map']
  for (const path of [...types, 'README.md', 'test/a.js', 'lib/a.test.js', 'deps/a.c', '.npmignore', 'build/a.node'])
    expect(isShipped('any', path, linux), path).toBe(false)
})

test('packages of types and of install scripts are not shipped', () => {
  const never = ['@types/long', '@webgpu/types', 'adm-zip', 'global-agent', 'node-addon-api', 'node-fetch']
  expect(never.filter(isLoaded)).toEqual([])
  expect(isLoaded('onnxruntime-node')).toBe(true)
})

test('a machine that Reflectory is not packaged for is told which ones there are', () => {
  expect(targetOf('linux', 'x64')).toBe(linux)
  expect(() => targetOf('darwin', 'x64')).toThrow(/darwin-arm64, win32-x64; this machine is darwin-x64/)
})

test('every target names a Node that package-lock.json has', () => {
  const lock = readFileSync('package-lock.json', 'utf8')
  for (const { nodePackage } of targets) expect(lock).toContain(`"node_modules/${nodePackage}"`)
})
