/** Which packages are needed, by the lock file and by what built files import. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageFolder } from '../../packaging/freshBuild.ts'
import { importedPackages, importsOf } from '../../packaging/imports.ts'
import { lockedPackage, neededPackages, readLock } from '../../packaging/lockedPackages.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const entry = (version: string, dependencies: Record<string, string> = {}) => ({ version, dependencies })
const lock = {
  'node_modules/a': entry('1.0.0', { b: '*', '@types/b': '*' }),
  'node_modules/b': entry('1.0.0', { a: '*' }),
  'node_modules/a/node_modules/b': entry('2.0.0', { c: '*' }),
  'node_modules/c': entry('3.0.0'),
  'node_modules/unused': entry('1.0.0'),
}

test('takes dependencies from where Node finds them, once, and no types', () => {
  expect(neededPackages(lock, ['a', 'a']).map(({ folder, version }) => [folder, version])).toEqual([
    ['node_modules/a', '1.0.0'],
    ['node_modules/a/node_modules/b', '2.0.0'],
    ['node_modules/c', '3.0.0'],
  ])
})

test('a package that the lock file does not name is an error, not a gap', () => {
  expect(() => neededPackages(lock, ['d'])).toThrow(/d is used and package-lock.json does not name it/)
  const torn = { 'node_modules/a': entry('1.0.0', { x: '*' }) }
  expect(() => neededPackages(torn, ['a'])).toThrow(/x is used by node_modules\/a/)
  expect(() => lockedPackage(lock, 'node_modules/x')).toThrow(/x is used/)
})

test('a licence of several is written without the brackets around it', () => {
  const both = { 'node_modules/a': { ...entry('1.0.0'), license: '(MIT AND ISC)' } }
  expect(lockedPackage(both, 'node_modules/a').licence).toBe('MIT AND ISC')
})

test("the project's own lock file gives the engine's packages their hashes", () => {
  const needed = neededPackages(readLock('package-lock.json'), ['onnxruntime-node'])
  expect(needed.map(({ name }) => name)).toEqual(['onnxruntime-common', 'onnxruntime-node'])
  for (const { integrity } of needed) expect(integrity).toMatch(/^sha512-/)
})

test('reads every way of importing, and nothing else', () => {
  const text = `import a from "a"
import { b,
  c } from './b.js'
import * as d from '@x/d/sub'
export { e } from "e"; export * from 'f'
import "g"
const h = await import('h')
const words = 'import it from the list'`
  expect(importsOf(text)).toEqual(['a', './b.js', '@x/d/sub', 'e', 'f', 'g', 'h'])
})

test('names packages by scope and without the file that is asked for; Node and Electron are none', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'inside'))
  const names = ['@x/d/sub', 'y/z.js', 'node:fs', 'fs', 'electron', './b.js']
  writeFileSync(join(folder, 'inside/a.js'), names.map((name) => `import '${name}'`).join('; '))
  writeFileSync(join(folder, 'b.txt'), `import 'no-script'`)
  expect([...importedPackages(folder)]).toEqual(['@x/d', 'y'])
})

test('knows the package of a bundled module', () => {
  expect(packageFolder('/p', '/p/node_modules/@mdi/js/mdi.js')).toBe('node_modules/@mdi/js')
  expect(packageFolder('/p', '/p/node_modules/a/node_modules/b/x.js?query')).toBe('node_modules/a/node_modules/b')
  expect(packageFolder('/p', '\0/p/node_modules/a/x.vue')).toBe('node_modules/a')
  expect(packageFolder('/p', '/p/src/main.ts')).toBe(null)
  expect(packageFolder('/p', '\0virtual:x')).toBe(null)
})
