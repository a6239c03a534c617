/** What must hold of the resources folder that is shipped. Every breach is one sentence with its place. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { BillOfMaterials } from './billOfMaterials.ts'
import { bytesOf, filesBelow, type FolderEntry } from './folder.ts'
import { importsOf, packageOf } from './imports.ts'
import { nameOfFolder } from './lockedPackages.ts'
import { machineOf } from './machineCode.ts'
import { isForDevelopment, isLicence } from './shippedFiles.ts'
import { BILL, LICENCES } from './stage.ts'
import { nodeFile, type Target } from './targets.ts'

/** What Linux may hold in all, Electron included, unpacked. */
export const LARGEST_LINUX_BYTES = 450_000_000

/** Without these it does not start, or not with all that it promises. */
const needed = [
  'app/package.json',
  'app/out/main/main.js',
  'app/out/preload/preload.cjs',
  'app/out/renderer/index.html',
  'engine/package.json',
  'engine/out/engine/main.js',
  'engine/node_modules/onnxruntime-node/package.json',
  'engine/resources/harbor/model.safetensors',
  'engine/resources/harbor/tokenizer.json',
  'engine/resources/studies/demo.yaml',
  BILL,
  LICENCES,
]

export interface CheckOptions {
  target: Target
  /** Folders of the machine where it was built, whose names have no place in what is shipped. */
  ownFolders: readonly string[]
  /** Bytes of Electron's own files. */
  electronBytes: number
}

/** Nothing where all is well. `resources` holds app, engine, node and legal. */
export function breaches(resources: string, options: CheckOptions): string[] {
  const files = filesBelow(resources)
  return [
    ...missing(files, options.target),
    ...unstartable(resources, options.target),
    ...links(files),
    ...foreign(resources, files, options.target),
    ...development(files),
    ...ownText(resources, files, options.ownFolders),
    ...unresolved(resources, files),
    ...unlisted(resources, files),
    ...oversize(files, options),
  ]
}

/** Every native file that the target loads, where it lies in resources. */
export function nativeFiles(target: Target): string[] {
  const parts: Record<string, string> = { 'better-sqlite3': 'app', 'onnxruntime-node': 'engine' }
  const ofPackages = Object.entries(target.natives).flatMap(([name, paths]) =>
    paths.map((path) => `${parts[name]}/node_modules/${name}/${path}`),
  )
  return [nodeFile(target), ...ofPackages]
}

function missing(files: readonly FolderEntry[], target: Target): string[] {
  const present = new Set(files.filter(({ bytes }) => bytes > 0).map(({ path }) => path))
  const absent = [...needed, ...nativeFiles(target)].filter((path) => !present.has(path))
  return absent.map((path) => `${path} is missing or empty`)
}

/** On Windows every file may be started. */
function unstartable(resources: string, target: Target): string[] {
  const node = join(resources, nodeFile(target))
  if (target.platform === 'win32' || !existsSync(node)) return []
  return (statSync(node).mode & 0o111) === 0o111 ? [] : [`${nodeFile(target)} may not be started by everybody`]
}

/** Archives and installers do not all keep them. */
function links(files: readonly FolderEntry[]): string[] {
  return files.filter(({ isLink }) => isLink).map(({ path }) => `${path} is a link`)
}

function foreign(resources: string, files: readonly FolderEntry[], target: Target): string[] {
  const expected = new Set(nativeFiles(target))
  return files.flatMap(({ path, isLink }) => {
    if (isLink) return []
    const machine = machineOf(join(resources, path))
    if (machine === null) return expected.has(path) ? [`${path} is no program or library`] : []
    if (!expected.has(path)) return [`${path} is a program or library that nothing loads`]
    const isOurs = machine.format === target.format && machine.arch === target.arch
    return isOurs ? [] : [`${path} is for ${machine.format} ${machine.arch}, and the package for ${target.name}`]
  })
}

function development(files: readonly FolderEntry[]): string[] {
  return files
    .map(({ path }) => path)
    .filter((path) => isForDevelopment(path) && !isLicence(path.slice(path.lastIndexOf('/') + 1)))
    .map((path) => `${path} is for development only`)
}

const TEXT = /\.([cm]?js|json|html|css|svg|yaml|txt)$/
/** What an address of something to be fetched looks like: a registry, or an archive. */
const DOWNLOAD =
  /https?:\/\/(registry\.[\w.-]+|[^\s"'`<>)]+\.(tgz|tar\.gz|zip|node|gguf|safetensors|whl|exe|dmg|deb)(?=["'`\s)]|$))/i
const INLINE_MAP = /sourceMappingURL=data:/

function ownText(resources: string, files: readonly FolderEntry[], ownFolders: readonly string[]): string[] {
  return files
    .filter(({ path, isLink }) => !isLink && TEXT.test(path))
    .flatMap(({ path }) => {
      const text = readFileSync(join(resources, path), 'utf8')
      const download = path.startsWith('legal/') ? null : DOWNLOAD.exec(text)
      return [
        ...ownFolders
          .filter((folder) => text.includes(`${folder}/`) || text.includes(`${folder}\\`))
          .map((folder) => `${path} names a folder of this machine, ${folder}`),
        ...(download ? [`${path} has the address of a download, ${download[0]}`] : []),
        ...(INLINE_MAP.test(text) ? [`${path} carries a source map within it`] : []),
      ]
    })
}

/** Every import of our own built files leads to a file or an installed package. */
function unresolved(resources: string, files: readonly FolderEntry[]): string[] {
  return files
    .filter(({ path, isLink }) => !isLink && /^(app|engine)\/out\/(?!renderer\/).*\.[cm]?js$/.test(path))
    .flatMap(({ path }) => {
      const [program] = path.split('/')
      return importsOf(readFileSync(join(resources, path), 'utf8'))
        .filter((specifier) => {
          const name = packageOf(specifier)
          if (name !== null) return !existsSync(join(resources, program, 'node_modules', name, 'package.json'))
          return specifier.startsWith('.') && !existsSync(join(resources, dirname(path), specifier))
        })
        .map((specifier) => `${path} imports ${specifier}, which is not there`)
    })
}

/** Every package that lies there stands in the bill, in its version, and every line of the bill has its licence. */
function unlisted(resources: string, files: readonly FolderEntry[]): string[] {
  if (!existsSync(join(resources, BILL)) || !existsSync(join(resources, LICENCES))) return []
  const parsed = BillOfMaterials.safeParse(readJson(join(resources, BILL)))
  if (!parsed.success) return [`${BILL} is no bill of materials: ${parsed.error.issues[0].message}`]
  const listed = new Set(parsed.data.components.map(({ name, version }) => `${name} ${version}`))
  const licences = readFileSync(join(resources, LICENCES), 'utf8')
  const shipped = files.flatMap(({ path }) => {
    const [, folder] = /^(?:app|engine)\/(node_modules\/.*)\/package\.json$/.exec(path) ?? []
    // Packages have such files in folders of theirs, too.
    if (folder === undefined || !/^(@[^/]+\/)?[^/@]+$/.test(nameOfFolder(folder))) return []
    return [`${nameOfFolder(folder)} ${Versioned.safeParse(readJson(join(resources, path))).data?.version ?? 'without a version'}`]
  })
  return [
    ...[...new Set(shipped)].filter((each) => !listed.has(each)).map((each) => `${each} is shipped and not in ${BILL}`),
    ...parsed.data.components
      .filter(({ name, version }) => !licences.includes(`\n${name} ${version} (`))
      .map(({ name }) => `${name} has no licence in ${LICENCES}`),
  ]
}

const Versioned = z.object({ version: z.string() })

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

function oversize(files: readonly FolderEntry[], { target, electronBytes }: CheckOptions): string[] {
  const bytes = bytesOf(files) + electronBytes
  if (target.platform !== 'linux' || bytes < LARGEST_LINUX_BYTES) return []
  const most = megabytes(LARGEST_LINUX_BYTES)
  return [`all files together have ${megabytes(bytes)}, which is not under ${most} (is binutils' strip installed?)`]
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
