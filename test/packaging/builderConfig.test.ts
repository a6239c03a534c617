/** What electron-builder is told, and the comparison of what it made of that. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { builderConfig } from '../../packaging/builderConfig.ts'
import { electronBytes, trimElectron } from '../../packaging/electronFiles.ts'
import { bytesOf, filesBelow } from '../../packaging/folder.ts'
import { electronFaults, filesInArchive, packedResources, packingFaults } from '../../packaging/packed.ts'
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
    grantFileProtocolExtraPrivileges: false,
  })
  expect(publish).toBe(null)
  expect(electronVersion).toBe(JSON.parse(readFileSync('package.json', 'utf8')).devDependencies.electron)
})

test("Electron's own files are taken where they are here, and fetched where not", () => {
  expect(builderConfig(linux, places, true)).not.toHaveProperty('electronDist')
  expect(builderConfig(linux, { ...places, electron: '/dist' }, true)).toHaveProperty('electronDist', '/dist')
})

test('no installer starts the program without its sandbox, and notifications find it by its name', () => {
  const { appId, appImage, linux: onLinux, toolsets } = builderConfig(linux, places, true)
  expect({ appImage, onLinux, toolsets }).toMatchObject({ appImage: { executableArgs: [] }, toolsets: { appimage: '1.0.3' } })
  expect(JSON.stringify(onLinux)).not.toContain('sandbox')
  expect(readFileSync('src/main/main.ts', 'utf8')).toContain(`app.setAppUserModelId('${appId}')`)
})

test('a Debian package names the libraries that its programs load, and brings its licences where they are looked for', () => {
  const { deb } = builderConfig(linux, places, true)
  expect(deb.depends).toEqual(expect.arrayContaining(['libasound2', 'libgbm1', 'libgtk-3-0', 'libnss3', 'libc6 (>= 2.34)']))
  expect(deb.fpm).toEqual(['/staged/legal/LICENCES.txt=/usr/share/doc/reflectory/copyright'])
})

test("Linux gets icons in the sizes that desktops look for, each as large as its name says", () => {
  const { icon } = builderConfig(linux, places, true).linux
  const sizes = readdirSync(icon).map((name) => {
    const image = readFileSync(join(icon, name))
    expect(name).toBe(`${image.readUInt32BE(16)}x${image.readUInt32BE(20)}.png`)
    return image.readUInt32BE(16)
  })
  expect(sizes.toSorted((a, b) => a - b)).toEqual([16, 32, 48, 64, 128, 256, 512])
})

test('a program for macOS is signed as nobody\'s where there is no certificate', () => {
  expect(builderConfig(mac, places, true).mac).toMatchObject({ identity: '-' })
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

const entryOf = (content: string) => ({
  size: content.length,
  offset: '0',
  integrity: { algorithm: 'SHA256', hash: createHash('sha256').update(content).digest('hex') },
})
const entry = entryOf('x')
const whole = {
  // The packager writes it anew.
  'package.json': entryOf('{}'),
  node_modules: { files: { a: { files: { 'a.node': { ...entry, unpacked: true } } } } },
  // A file may be named as folders are described.
  files: entry,
}

/** A program whose fuses are in these states, in Electron's order. */
const withFuses = (states: string) => `code dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01${String.fromCharCode(states.length)}${states} code`
const asWanted = '01001110'

function laidOutAndPacked(target = linux): { staged: string; packed: string; folder: string } {
  const root = temporaryFolder()
  const put = (path: string, content = 'x') => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  const [folder, packed] = target === mac ? ['packed', 'packed/Contents/Resources'] : ['packed', 'packed/resources']
  for (const path of ['package.json', 'files', 'node_modules/a/a.node']) put(`staged/app/${path}`)
  put(`${packed}/app.asar.unpacked/node_modules/a/a.node`)
  for (const place of ['staged', packed])
    for (const path of ['engine/node_modules/b/index.js', 'node/node', 'legal/LICENCES.txt']) put(`${place}/${path}`)
  archive(join(root, packed, 'app.asar'), whole)
  const licences = target === mac ? packed : folder
  put(`${licences}/LICENSE.electron.txt`)
  put(`${licences}/LICENSES.chromium.html${target === linux ? '.gz' : ''}`)
  const frameworks = 'Contents/Frameworks/Electron Framework.framework/Versions/A/Electron Framework'
  put(`${folder}/${target === mac ? frameworks : target === windows ? 'Reflectory.exe' : 'reflectory'}`, withFuses(asWanted))
  return { staged: join(root, 'staged'), packed: join(root, packed), folder: join(root, folder) }
}

test('what was packed whole has no faults, wherever Electron stands', () => {
  for (const target of [linux, mac, windows]) {
    const { staged, packed } = laidOutAndPacked(target)
    expect([...filesInArchive(join(packed, 'app.asar')).keys()]).toEqual(['package.json', 'node_modules/a/a.node', 'files'])
    expect(packingFaults(staged, packed, target)).toEqual([])
    expect(electronFaults(packed, target), target.name).toEqual([])
  }
})

test('files that the packager left out, added, changed or did not unpack are told', () => {
  const { staged, packed } = laidOutAndPacked()
  rmSync(join(packed, 'engine/node_modules'), { recursive: true })
  rmSync(join(packed, 'app.asar.unpacked'), { recursive: true })
  writeFileSync(join(packed, 'node/node'), 'another')
  archive(join(packed, 'app.asar'), { 'package.json': entry, files: entryOf('another'), 'extra.js': entry })
  expect(packingFaults(staged, packed, linux)).toEqual([
    'app.asar lacks node_modules/a/a.node',
    'app.asar has extra.js, which was not laid out',
    'app.asar has another files',
    'app.asar.unpacked lacks node_modules/a/a.node',
    'engine lacks node_modules/b/index.js',
    `${join(packed, 'node/node')} is not what was laid out`,
  ])
})

test("what is wrong with Electron is told: its licences, its fuses, its own program, the size of all", () => {
  const { packed, folder } = laidOutAndPacked()
  rmSync(join(folder, 'LICENSES.chromium.html.gz'))
  writeFileSync(join(folder, 'LICENSE.electron.txt'), '')
  writeFileSync(join(folder, 'reflectory'), withFuses('110011100'))
  writeFileSync(join(packed, 'default_app.asar'), 'x')
  writeFileSync(join(folder, 'icudtl.dat'), '')
  truncateSync(join(folder, 'icudtl.dat'), 450_000_000)
  expect(electronFaults(packed, linux)).toEqual([
    `${join(folder, 'LICENSE.electron.txt')} is missing or empty`,
    `${join(folder, 'LICENSES.chromium.html.gz')} is missing or empty`,
    "the fuse runAsNode is '1', and was to be off",
    `${join(packed, 'default_app.asar')} was not laid out`,
    'the packed program has 450.0 MB, which is not under 450.0 MB',
  ])
  writeFileSync(join(folder, 'reflectory'), 'no program of Electron')
  expect(electronFaults(packed, linux)).toContain(`${join(folder, 'reflectory')} has no fuses`)
})

test("of Electron's own files go those that nobody needs, and as many bytes are counted as are shipped", () => {
  const files = {
    electron: 'program',
    version: '1',
    LICENSE: 'MIT',
    'LICENSES.chromium.html': '<p>the same again</p>'.repeat(1000),
    'libvk_swiftshader.so': 'x',
    'vk_swiftshader_icd.json': '{}',
    'libvulkan.so.1': 'x',
    'locales/de.pak': 'x',
    'locales/en-US.pak': 'xx',
    'resources/default_app.asar': 'x',
  }
  const folder = temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const counted = electronBytes(folder, 'linux')
  expect(electronBytes(folder, 'win32')).toBeGreaterThan(counted + 20_000)
  trimElectron(folder, 'linux')
  // Other languages are left out by the packager.
  rmSync(join(folder, 'locales/de.pak'))
  const left = filesBelow(folder)
  expect(left.map(({ path }) => path)).toEqual([
    'LICENSE',
    'LICENSES.chromium.html.gz',
    'electron',
    'libvulkan.so.1',
    'locales/en-US.pak',
  ])
  expect(bytesOf(left)).toBe(counted)
  expect(gunzipSync(readFileSync(join(folder, 'LICENSES.chromium.html.gz'))).toString()).toBe(files['LICENSES.chromium.html'])
})

test('the unpacked program is looked for where each platform has it', () => {
  expect(targets.map((target) => packedResources('o', target))).toEqual([
    'o/linux-unpacked/resources',
    'o/linux-arm64-unpacked/resources',
    'o/mac-arm64/Reflectory.app/Contents/Resources',
    'o/win-unpacked/resources',
  ].map((path) => join(path)))
})
