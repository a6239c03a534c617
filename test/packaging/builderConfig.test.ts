/** What electron-builder is told, and the comparison of what it made of that. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { builderConfig } from '../../packaging/builderConfig.ts'
import { filesInArchive, packedResources, packingFaults } from '../../packaging/packed.ts'
import { targets } from '../../packaging/targets.ts'
import { temporaryFolder } from '../temporaryFolder.ts'

const [linux, , mac, windows] = targets
const places = { root: resolve('.'), resources: '/staged', output: '/output', electron: null }

test('each target has its installers, and --dir has none', () => {
  expect(builderConfig(linux, places, true).linux.target).toEqual([
    { target: 'deb', arch: ['x64'] },
    { target: 'AppImage', arch: ['x64'] },
  ])
  expect(builderConfig(mac, places, true).mac.target).toEqual([{ target: 'dmg', arch: ['arm64'] }])
  expect(builderConfig(windows, places, true).win.target).toEqual([{ target: 'nsis', arch: ['x64'] }])
  expect(builderConfig(linux, places, false).linux.target).toBe('dir')
})

test('the fuses close what only developers and attackers use, and nothing is published', () => {
  const { electronFuses, publish, electronVersion } = builderConfig(linux, places, true)
  expect(electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
  })
  expect(publish).toBe(null)
  expect(electronVersion).toBe(JSON.parse(readFileSync('package.json', 'utf8')).devDependencies.electron)
})

test("Electron's own files are taken where they are here, and fetched where not", () => {
  expect(builderConfig(linux, places, true)).not.toHaveProperty('electronDist')
  expect(builderConfig(linux, { ...places, electron: '/dist' }, true)).toHaveProperty('electronDist', '/dist')
})

test('the lock file of electron-builder names no address to fetch from', () => {
  const lock = readFileSync('packaging/package-lock.json', 'utf8')
  expect(lock).not.toContain('"resolved"')
  expect(lock).toContain('"node_modules/electron-builder"')
})

/** An archive with a header and no content. */
function archive(file: string, files: object): void {
  const header = Buffer.from(JSON.stringify({ files }))
  const sizes = Buffer.alloc(16)
  sizes.writeUInt32LE(4, 0)
  sizes.writeUInt32LE(header.length + 8, 4)
  sizes.writeUInt32LE(header.length + 4, 8)
  sizes.writeUInt32LE(header.length, 12)
  writeFileSync(file, Buffer.concat([sizes, header]))
}

const entry = { size: 1, offset: '0' }
const whole = {
  'package.json': entry,
  node_modules: { files: { a: { files: { 'a.node': { size: 1, unpacked: true } } } } },
  // A file may be named as folders are described.
  files: entry,
}

function laidOutAndPacked(): { staged: string; packed: string } {
  const folder = temporaryFolder()
  const put = (path: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), 'x')
  }
  for (const path of ['package.json', 'files', 'node_modules/a/a.node']) put(`staged/app/${path}`)
  put('packed/app.asar.unpacked/node_modules/a/a.node')
  for (const place of ['staged', 'packed'])
    for (const path of ['engine/node_modules/b/index.js', 'node/node', 'legal/LICENCES.txt']) put(`${place}/${path}`)
  archive(join(folder, 'packed/app.asar'), whole)
  return { staged: join(folder, 'staged'), packed: join(folder, 'packed') }
}

test('what was packed whole has no faults', () => {
  const { staged, packed } = laidOutAndPacked()
  expect(filesInArchive(join(packed, 'app.asar'))).toEqual(['package.json', 'node_modules/a/a.node', 'files'])
  expect(packingFaults(staged, packed)).toEqual([])
})

test('files that the packager left out, added or did not unpack are told', () => {
  const { staged, packed } = laidOutAndPacked()
  rmSync(join(packed, 'engine/node_modules'), { recursive: true })
  rmSync(join(packed, 'app.asar.unpacked'), { recursive: true })
  archive(join(packed, 'app.asar'), { 'package.json': entry, files: entry, 'extra.js': entry })
  expect(packingFaults(staged, packed)).toEqual([
    'app.asar lacks node_modules/a/a.node',
    'app.asar has extra.js, which was not laid out',
    'node_modules/a/a.node was not unpacked from app.asar',
    'engine lacks node_modules/b/index.js',
  ])
})

test('the unpacked program is looked for where each platform has it', () => {
  expect(targets.map((target) => packedResources('o', target))).toEqual([
    'o/linux-unpacked/resources',
    'o/linux-arm64-unpacked/resources',
    'o/mac-arm64/Reflectory.app/Contents/Resources',
    'o/win-unpacked/resources',
  ].map((path) => join(path)))
})
