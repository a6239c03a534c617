/**
 * Lays out what is shipped, as the resources folder that stands beside Electron's program:
 *
 *     app/       the desktop program and its packages; becomes app.asar, all but its native module
 *     engine/    the engine, its packages, Harbor and the example study: plain files, which a plain Node can read
 *     node/      a Node, for models that Electron's allocator does not bear
 *     legal/     licences and bill of materials
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { billOfMaterials } from './billOfMaterials.ts'
import { electronIntegrity } from './electronFiles.ts'
import { filesBelow } from './folder.ts'
import { freshBuild } from './freshBuild.ts'
import { importedPackages } from './imports.ts'
import { licencesFile } from './licences.ts'
import { lockedPackage, neededPackages, readLock, type LockedPackage } from './lockedPackages.ts'
import { isShipped } from './shippedFiles.ts'
import { nodeFile, type Target } from './targets.ts'

/** Folders of the build that each of the two programs is made of; the bundler makes the last one where it needs helpers of its own. */
export const parts = {
  app: ['main', 'host', 'store', 'shared', 'preload', 'renderer', 'package.js', '_virtual'],
  engine: ['engine', 'shared', '_virtual'],
} as const

/** As people read it: in menus, and as the name of the folder for its data. */
export const PRODUCT = 'Reflectory'

export const BILL = 'legal/bill-of-materials.cdx.json'
export const LICENCES = 'legal/LICENCES.txt'

const PackageJson = z.object({ name: z.string(), version: z.string(), description: z.string(), license: z.string() })
export type PackageJson = z.infer<typeof PackageJson>

export const readPackageJson = (root: string): PackageJson =>
  PackageJson.parse(createRequire(join(root, 'package.json'))('./package.json'))

/** Gives the folder, below `into`, which is emptied first. @param root the project's folder */
export async function stage(root: string, into: string, target: Target): Promise<string> {
  const resources = join(into, 'resources')
  const built = join(into, 'built')
  rmSync(into, { recursive: true, force: true })
  const bundled = await freshBuild(root, built)
  const lock = readLock(join(root, 'package-lock.json'))
  const program = readPackageJson(root)
  const shipped = new Map<string, LockedPackage>()
  const ship = (each: LockedPackage) => void shipped.set(each.folder, each)

  for (const [name, folders] of Object.entries(parts)) {
    const place = join(resources, name)
    for (const folder of folders.filter((each) => existsSync(join(built, each))))
      cpSync(join(built, folder), join(place, 'out', folder), { recursive: true })
    writeFileSync(join(place, 'package.json'), asJson(ownPackageJson(program, name)))
    for (const each of neededPackages(lock, importedPackages(join(place, 'out')))) {
      copyPackage(root, place, each, target)
      ship(each)
    }
  }
  cpSync(join(root, 'resources'), join(resources, 'engine/resources'), { recursive: true })
  for (const folder of bundled) ship(lockedPackage(lock, folder))
  ship(lockedPackage(lock, `node_modules/${target.nodePackage}`))
  // Electron comes with its own files; it is in the bill all the same.
  const electron = lockedPackage(lock, 'node_modules/electron')
  ship({ ...electron, integrity: electronIntegrity(root, electron.version, target) })
  copyNode(root, resources, target)

  const all = [...shipped.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1))
  const own = { name: program.name, version: program.version, licence: program.license }
  mkdirSync(join(resources, 'legal'), { recursive: true })
  writeFileSync(join(resources, BILL), asJson(billOfMaterials(own, all)))
  writeFileSync(join(resources, LICENCES), licencesFile(root, all))
  rmSync(built, { recursive: true, force: true })
  return resources
}

const asJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

/** Without dependencies: the packager would look for them and bring them whole. */
function ownPackageJson({ name, version, description, license }: PackageJson, part: string) {
  const own = { name, version, description, license, private: true, type: 'module' }
  return part === 'app' ? { ...own, productName: PRODUCT, main: 'out/main/main.js' } : own
}

function copyPackage(root: string, place: string, each: LockedPackage, target: Target): void {
  const from = join(root, each.folder)
  for (const { path, isLink } of filesBelow(from)) {
    // Packages within this package are packages of their own.
    if (isLink || path.startsWith('node_modules/') || !isShipped(each.name, path, target)) continue
    const to = join(place, each.folder, path)
    mkdirSync(dirname(to), { recursive: true })
    cpSync(join(from, path), to)
    // Some packages have scripts that say of themselves that they may be started.
    chmodSync(to, 0o644)
  }
}

function copyNode(root: string, resources: string, target: Target): void {
  const from = join(root, 'node_modules', target.nodePackage, target.nodeProgram)
  const to = join(resources, nodeFile(target))
  mkdirSync(dirname(to), { recursive: true })
  try {
    cpSync(from, to)
  } catch (error) {
    throw new Error(
      `${target.nodePackage} is not installed, so there is no ${basename(to)} to ship; ` +
        `make the package on a machine of the kind ${target.name}`,
      { cause: error },
    )
  }
  chmodSync(to, 0o755)
  // Its table of symbols, 18 MB, is for debuggers. Where the tool is not installed the size check speaks.
  if (target.platform === 'linux') spawnSync('strip', [to], { stdio: 'ignore' })
}
