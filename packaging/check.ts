/** What must hold of the resources folder that is shipped. Every breach is one sentence with its place. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { packageBreaches } from './checkPackages.ts'
import { bytesOf, filesBelow, type FolderEntry } from './folder.ts'
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
  BILL,
  LICENCES,
]

/** Harbor and the example studies: these and no others, whatever else lies in the project's folder. */
const resourceFiles = [
  ...['FIGURES.json', 'config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']
    .map((name) => `harbor/${name}`),
  'studies/demo.yaml',
  'studies/files.yaml',
].map((path) => `engine/resources/${path}`)

/** It looks which one of them the machine can run. */
const webAssembly = ['', '-simd', '-threaded-simd'].map(
  (form) => `engine/node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm${form}.wasm`,
)

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
    ...strangers(files),
    ...ownFolders(resources, files, options),
    ...texts(resources, files),
    ...packageBreaches(resources, files, options.target),
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
  const absent = [...needed, ...resourceFiles, ...webAssembly, ...nativeFiles(target)].filter((path) => !present.has(path))
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

function strangers(files: readonly FolderEntry[]): string[] {
  const known = new Set(resourceFiles)
  return files
    .filter(({ path }) => path.startsWith('engine/resources/') && !known.has(path))
    .map(({ path }) => `${path} is no resource that is shipped`)
}

/** In texts and in whatever else was made here; libraries come as their makers built them. */
function ownFolders(resources: string, files: readonly FolderEntry[], { target, ownFolders: folders }: CheckOptions): string[] {
  const others = new Set(nativeFiles(target))
  return files
    .filter(({ path, isLink }) => !isLink && !others.has(path))
    .flatMap(({ path }) => {
      const content = readFileSync(join(resources, path))
      return folders
        .filter((folder) => ['/', '\\'].some((end) => content.includes(folder + end)))
        .map((folder) => `${path} names a folder of this machine, ${folder}`)
    })
}

const TEXT = /\.([cm]?js|json|html|css|svg|yaml|txt)$/
/** What addresses of something to be fetched look like: a registry, a place where models lie, an archive or program. */
const downloads = [
  /https?:\/\/(registry\.[\w.-]+|([\w-]+\.)*(huggingface\.co|hf\.co)\b)/i,
  /https?:\/\/[^\s"'`<>)]+\.(tgz|tar\.gz|zip|node|gguf|safetensors|whl|exe|dmg|deb)(?=["'`\s)]|$)/i,
]
const INLINE_MAP = /sourceMappingURL=data:/

function texts(resources: string, files: readonly FolderEntry[]): string[] {
  return files
    .filter(({ path, isLink }) => !isLink && TEXT.test(path))
    .flatMap(({ path }) => {
      const text = readFileSync(join(resources, path), 'utf8')
      const fetched = path.startsWith('legal/') ? [] : downloads.flatMap((pattern) => pattern.exec(text)?.[0] ?? [])
      return [
        ...fetched.map((address) => `${path} has the address of a download, ${address}`),
        ...(INLINE_MAP.test(text) ? [`${path} carries a source map within it`] : []),
      ]
    })
}

function oversize(files: readonly FolderEntry[], { target, electronBytes }: CheckOptions): string[] {
  const bytes = bytesOf(files) + electronBytes
  if (target.platform !== 'linux' || bytes < LARGEST_LINUX_BYTES) return []
  const most = megabytes(LARGEST_LINUX_BYTES)
  return [`all files together have ${megabytes(bytes)}, which is not under ${most} (is binutils' strip installed?)`]
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
