/** What must hold of the packages that are shipped: all that is asked for is there, and stands in the bill with its licence. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { BillOfMaterials } from './billOfMaterials.ts'
import type { FolderEntry } from './folder.ts'
import { importsOf, packageOf } from './imports.ts'
import { nameOfFolder } from './lockedPackages.ts'
import { isLoaded } from './shippedFiles.ts'
import { BILL, LICENCES } from './stage.ts'
import type { Target } from './targets.ts'

/** A sentence for each breach. */
export function packageBreaches(resources: string, files: readonly FolderEntry[], target: Target): string[] {
  const packages = shippedPackages(resources, files)
  return [...unresolved(resources, files), ...unmet(resources, packages), ...unlisted(resources, packages, target)]
}

const Shipped = z.object({
  version: z.string().default('without a version'),
  dependencies: z.record(z.string(), z.string()).default({}),
})

interface ShippedPackage extends z.infer<typeof Shipped> {
  name: string
  /** From the resources folder. */
  folder: string
}

function shippedPackages(resources: string, files: readonly FolderEntry[]): ShippedPackage[] {
  return files.flatMap(({ path }) => {
    const [, folder] = /^((?:app|engine)\/node_modules\/.*)\/package\.json$/.exec(path) ?? []
    // Packages have such files in folders of theirs, too.
    if (folder === undefined || !/^(@[^/]+\/)?[^/@]+$/.test(nameOfFolder(folder))) return []
    return [{ name: nameOfFolder(folder), folder, ...Shipped.parse(readJson(join(resources, path)) ?? {}) }]
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

/** What a package asks for lies in its own folder or, as everything else here, beside it. */
function unmet(resources: string, packages: readonly ShippedPackage[]): string[] {
  return packages.flatMap(({ folder, dependencies }) => {
    const [program] = folder.split('/')
    const places = [folder, program].map((place) => join(resources, place, 'node_modules'))
    return Object.keys(dependencies)
      .filter((name) => isLoaded(name) && !places.some((place) => existsSync(join(place, name, 'package.json'))))
      .map((name) => `${folder} asks for ${name}, which is not there`)
  })
}

/** Every package that lies there stands in the bill, in its version, as do Electron and Node; every line of the bill has its licence. */
function unlisted(resources: string, packages: readonly ShippedPackage[], target: Target): string[] {
  if (!existsSync(join(resources, BILL)) || !existsSync(join(resources, LICENCES))) return []
  const parsed = BillOfMaterials.safeParse(readJson(join(resources, BILL)))
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    return [`${BILL} is no bill of materials: ${path.join('.')} ${message}`]
  }
  const { components } = parsed.data
  const listed = new Set(components.flatMap(({ name, version }) => [name, `${name} ${version}`]))
  const shipped = packages.map(({ name, version }) => `${name} ${version}`)
  const licences = readFileSync(join(resources, LICENCES), 'utf8')
  return [
    ...[...new Set(['electron', target.nodePackage, ...shipped])]
      .filter((each) => !listed.has(each))
      .map((each) => `${each} is shipped and not in ${BILL}`),
    ...components
      .filter(({ name, version }) => !licences.includes(`\n${name} ${version} (`))
      .map(({ name }) => `${name} has no licence in ${LICENCES}`),
    ...(licences.startsWith('Reflectory\n') ? [] : [`${LICENCES} does not begin with Reflectory's own licence`]),
  ]
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
