/** Electron's own unpacked files: where they are on this machine, and which of them are shipped. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { bytesOf, filesBelow } from './folder.ts'
import type { Target } from './targets.ts'

/** The one language that is shipped: the window speaks English. */
export const LANGUAGE = 'en-US'

const CHROMIUM_LICENCES = 'LICENSES.chromium.html'

/** The texts of Chromium's licences as they are shipped. On Linux the same few texts, 20 MB of them, are compressed as a distribution does. */
export const chromiumLicences = (platform: Target['platform']): string =>
  platform === 'linux' ? `${CHROMIUM_LICENCES}.gz` : CHROMIUM_LICENCES

/** Null where they are not here: they are fetched then when the package is made. */
export function electronFolder(root: string): string | null {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, 'node_modules/electron/dist')
  return existsSync(join(folder, 'version')) ? folder : null
}

/** Of the archive that its package fetches: none of that package's own files is shipped. Null where it does not say. */
export function electronIntegrity(root: string, version: string, { platform, arch }: Target): string | null {
  const text = readFileSync(join(root, 'node_modules/electron/checksums.json'), 'utf8')
  const hex = z.record(z.string(), z.string()).parse(JSON.parse(text))[`electron-v${version}-${platform}-${arch}.zip`]
  return hex === undefined ? null : `sha256-${Buffer.from(hex, 'hex').toString('base64')}`
}

/** The program that Electron starts where there is no other, and the number of its version. */
const unneeded = /(^|\/)(resources|Resources)\/default_app\.asar$|^version$/
/** Draws WebGL on a processor, which Chromium does no more unless it is told to, and which the window has no use for. */
const softwareDrawing = /^(libvk_swiftshader\.so|vk_swiftshader_icd\.json)$/

const isUnneeded = (path: string, platform: string): boolean =>
  unneeded.test(path) || (platform === 'linux' && softwareDrawing.test(path))

/** Bytes that are shipped of them. */
export function electronBytes(folder: string, platform: Target['platform']): number {
  const isOtherLanguage = (path: string) => /(^|\/)locales\//.test(path) && !path.includes(`/${LANGUAGE}`)
  const shipped = filesBelow(folder).filter(({ path }) => !isOtherLanguage(path) && !isUnneeded(path, platform))
  const licences = join(folder, CHROMIUM_LICENCES)
  if (platform !== 'linux' || !existsSync(licences)) return bytesOf(shipped)
  const text = readFileSync(licences)
  return bytesOf(shipped) - text.length + compressed(text).length
}

/** Takes away what nobody needs from a fresh copy of Electron's files, before anything is put beside them. */
export function trimElectron(folder: string, platform: string): void {
  for (const { path } of filesBelow(folder)) if (isUnneeded(path, platform)) rmSync(join(folder, path))
  const licences = join(folder, CHROMIUM_LICENCES)
  if (platform !== 'linux' || !existsSync(licences)) return
  writeFileSync(`${licences}.gz`, compressed(readFileSync(licences)))
  rmSync(licences)
}

const compressed = (text: Buffer): Buffer => gzipSync(text, { level: 9 })
