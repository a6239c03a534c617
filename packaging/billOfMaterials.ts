/** The bill of materials, CycloneDX 1.6 in JSON: what is shipped, by name, version, licence and hash of its package. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { LockedPackage } from './lockedPackages.ts'

/** Licences, by their SPDX names, under which a program may be given away with this one. */
const permitted = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']

const isPermitted = (declared: string): boolean =>
  declared.split(' OR ').some((choice) => choice.split(' AND ').every((name) => permitted.includes(name)))

const Permitted = z.string().refine(isPermitted, `is none of ${permitted.join(', ')}`)
const Licence = z.union([
  z.strictObject({ license: z.strictObject({ id: Permitted.regex(/^\S+$/) }) }),
  z.strictObject({ license: z.strictObject({ name: z.string().min(1) }) }),
  z.strictObject({ expression: Permitted.regex(/ /) }),
])
const Hash = z.discriminatedUnion('alg', [
  z.strictObject({ alg: z.literal('SHA-512'), content: z.string().regex(/^[0-9a-f]{128}$/) }),
  z.strictObject({ alg: z.literal('SHA-256'), content: z.string().regex(/^[0-9a-f]{64}$/) }),
])
const Component = z.strictObject({
  type: z.enum(['application', 'library', 'platform']),
  'bom-ref': z.string().min(1),
  name: z.string().min(1),
  version: z.string().min(1),
  purl: z.string().regex(/^pkg:npm\/(%40[^/@]+\/)?[^/@]+@[^/@]+$/),
  licenses: z.array(Licence).min(1),
})
const Shipped = Component.extend({ hashes: z.array(Hash).min(1), scope: z.literal('required') })

/** The parts of the format that we write. */
export const BillOfMaterials = z.strictObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  version: z.literal(1),
  metadata: z.strictObject({ component: Component }),
  components: z.array(Shipped).refine((all) => new Set(all.map((each) => each['bom-ref'])).size === all.length, 'names one twice'),
})
export type BillOfMaterials = z.infer<typeof BillOfMaterials>

/** Packages that run others. */
const PLATFORMS = /^(electron|node-(bin-)?(linux|darwin|win)-\w+)$/

/** @param program name, version and licence of Reflectory itself, without a hash: it is what the bill comes with */
export function billOfMaterials(
  program: Omit<LockedPackage, 'folder' | 'integrity'>,
  shipped: readonly LockedPackage[],
): BillOfMaterials {
  const own = { ...identity(program), type: 'application' as const }
  const components = shipped.map((each) => ({
    ...identity(each),
    type: PLATFORMS.test(each.name) ? ('platform' as const) : ('library' as const),
    hashes: [hashOf(each)],
    scope: 'required' as const,
  }))
  return BillOfMaterials.parse({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumber(JSON.stringify([own, components])),
    version: 1,
    metadata: { component: own },
    components,
  })
}

function identity({ name, version, licence }: { name: string; version: string; licence: string | null }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return { 'bom-ref': purl, name, version, purl, licenses: [licenceOf(name, licence)] }
}

/** Throws where nobody has looked whether that licence lets it be shipped. */
function licenceOf(name: string, declared: string | null): z.infer<typeof Licence> {
  if (declared === null) return { license: { name: 'as in its licence file' } }
  if (!isPermitted(declared))
    throw new Error(
      `${name} is under ${declared}, which is none of ${permitted.join(', ')}. ` +
        'Look whether it may be shipped, and name that licence in packaging/billOfMaterials.ts, or do without the package.',
    )
  return declared.includes(' ') ? { expression: declared } : { license: { id: declared } }
}

/** Throws where neither SHA-512 nor SHA-256 of what was fetched is known: its origin could not be told. */
function hashOf({ name, integrity }: LockedPackage): z.infer<typeof Hash> {
  const [, bits, base64] = /^sha(512|256)-(\S+)/.exec(integrity ?? '') ?? []
  if (base64 === undefined) throw new Error(`package-lock.json has no SHA-512 of ${name}`)
  const content = Buffer.from(base64, 'base64').toString('hex')
  return bits === '512' ? { alg: 'SHA-512', content } : { alg: 'SHA-256', content }
}

/** The same content has the same number, so that builds can be compared. Its shape is that of a UUID of version 8. */
function serialNumber(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)]
  return `urn:uuid:${parts.join('-')}`
}
