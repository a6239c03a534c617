/** Compares what electron-builder packed with what `stage` laid out, since it leaves files out in silence, and looks at Electron around it. */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fuses } from './builderConfig.ts'
import { LARGEST_LINUX_BYTES, megabytes } from './check.ts'
import { chromiumLicences } from './electronFiles.ts'
import { bytesOf, filesBelow } from './folder.ts'
import { fuseFaults } from './fuses.ts'
import { machineOf } from './machineCode.ts'
import type { Target } from './targets.ts'

/** Where, in the folder of installers, electron-builder puts the program before it makes installers of it. */
export function unpackedFolder(output: string, { platform, arch }: Target): string {
  const ending = arch === 'x64' ? '' : `-${arch}`
  if (platform === 'darwin') return join(output, `mac${ending}`)
  return join(output, `${platform === 'linux' ? 'linux' : 'win'}${ending}-unpacked`)
}

/** The resources of that program. */
export const packedResources = (output: string, target: Target): string =>
  join(unpackedFolder(output, target), target.platform === 'darwin' ? 'Reflectory.app/Contents/Resources' : 'resources')

/** A sentence for each file that is missing, was added or has other content; nothing where all is as laid out. */
export function packingFaults(staged: string, packed: string, { platform }: Target): string[] {
  const app = pathsIn(join(staged, 'app'))
  const archived = filesInArchive(join(packed, 'app.asar'))
  const unpacked = app.filter((path) => path.endsWith('.node'))
  const beside = parts.flatMap((name) => pathsIn(join(staged, name)).map((path) => `${name}/${path}`))
  const isOther = (path: string, other: string) =>
    // Elsewhere programs and libraries are signed as they are packed.
    (platform === 'linux' || machineOf(path) === null) && hashOf(path) !== hashOf(other)
  return [
    ...differences('app.asar', app, [...archived.keys()]),
    ...app
      .filter((path) => archived.has(path) && !isRewritten(path) && !unpacked.includes(path))
      .filter((path) => archived.get(path) !== hashOf(join(staged, 'app', path)))
      .map((path) => `app.asar has another ${path}`),
    ...differences('app.asar.unpacked', unpacked, pathsIn(join(packed, 'app.asar.unpacked'))),
    ...parts.flatMap((name) => differences(name, pathsIn(join(staged, name)), pathsIn(join(packed, name)))),
    ...[...unpacked.map((path) => [`app/${path}`, `app.asar.unpacked/${path}`]), ...beside.map((path) => [path, path])]
      .map(([before, after]) => [join(staged, before), join(packed, after)])
      .filter(([before, after]) => existsSync(after) && isOther(before, after))
      .map(([, after]) => `${after} is not what was laid out`),
  ]
}

/** Folders that stand beside app.asar as they were laid out. */
const parts = ['engine', 'node', 'legal']

/** electron-builder leaves out what a running program does not read of them. */
const isRewritten = (path: string): boolean => /(^|\/)package\.json$/.test(path)

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

/** What stands in the resources besides: Electron's own on macOS, and what installers use. */
const known = /^(app\.asar|app\.asar\.unpacked|engine|node|legal|elevate\.exe|apparmor-profile|[\w-]+\.(icns|lproj|car))$/

/** A sentence for each thing that is not right about Electron around them: licences, fuses, what it brought along, on Linux the size of all. */
export function electronFaults(packed: string, { platform }: Target): string[] {
  const isMac = platform === 'darwin'
  const folder = join(packed, isMac ? '../..' : '..')
  const licences = ['LICENSE.electron.txt', chromiumLicences(platform)].map((name) => join(isMac ? packed : folder, name))
  const program = {
    linux: 'reflectory',
    win32: 'Reflectory.exe',
    darwin: 'Contents/Frameworks/Electron Framework.framework/Versions/A/Electron Framework',
  }[platform]
  const bytes = bytesOf(filesBelow(folder))
  return [
    ...licences.filter((file) => !existsSync(file) || statSync(file).size === 0).map((file) => `${file} is missing or empty`),
    ...fuseFaults(join(folder, program), fuses),
    ...readdirSync(packed)
      .filter((name) => !known.test(name) && !(isMac && licences.includes(join(packed, name))))
      .map((name) => `${join(packed, name)} was not laid out`),
    ...(platform === 'linux' && bytes >= LARGEST_LINUX_BYTES
      ? [`the packed program has ${megabytes(bytes)}, which is not under ${megabytes(LARGEST_LINUX_BYTES)}`]
      : []),
  ]
}

const pathsIn = (folder: string): string[] => (existsSync(folder) ? filesBelow(folder).map(({ path }) => path) : [])

function differences(place: string, staged: readonly string[], packed: readonly string[]): string[] {
  const [before, after] = [new Set(staged), new Set(packed)]
  return [
    ...staged.filter((path) => !after.has(path)).map((path) => `${place} lacks ${path}`),
    ...packed.filter((path) => !before.has(path)).map((path) => `${place} has ${path}, which was not laid out`),
  ]
}

interface ArchiveFolder {
  files: Record<string, ArchiveFolder | object>
}
const ArchiveFolder: z.ZodType<ArchiveFolder> = z.lazy(() =>
  z.object({ files: z.record(z.string(), z.union([ArchiveFolder, z.object({}).loose()])) }),
)
const ArchiveFile = z.object({ integrity: z.object({ hash: z.string() }) })

/**
 * Gives each path with the SHA-256 of its content. An archive of Electron's begins with four numbers of four bytes; the last is the
 * length of the JSON that follows.
 */
export function filesInArchive(file: string): Map<string, string> {
  const opened = openSync(file, 'r')
  try {
    const sizes = Buffer.alloc(16)
    readSync(opened, sizes, 0, 16, 0)
    const header = Buffer.alloc(sizes.readUInt32LE(12))
    readSync(opened, header, 0, header.length, 16)
    return new Map(entriesOf(ArchiveFolder.parse(JSON.parse(header.toString('utf8'))), ''))
  } finally {
    closeSync(opened)
  }
}

function entriesOf({ files }: ArchiveFolder, inside: string): [string, string][] {
  return Object.entries(files).flatMap(([name, entry]): [string, string][] =>
    'files' in entry
      ? entriesOf(ArchiveFolder.parse(entry), `${inside}${name}/`)
      : [[`${inside}${name}`, ArchiveFile.parse(entry).integrity.hash]],
  )
}
