/** Electron's fuses, switches within its program, as they stand in a file: a mark, a version, how many there are, one character each. */
import { readFileSync } from 'node:fs'

const MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

/** In their order, by electron-builder's names. */
const names = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const

export type Fuses = Partial<Record<(typeof names)[number], boolean>>

/** A sentence for each that is not as wanted, in each place that has them (a program for two processors has two). */
export function fuseFaults(program: string, wanted: Fuses): string[] {
  const bytes = readFileSync(program)
  const wires: Buffer[] = []
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) {
    const start = at + MARK.length + 2
    wires.push(bytes.subarray(start, start + bytes[start - 1]))
  }
  if (wires.length === 0) return [`${program} has no fuses`]
  return wires.flatMap((wire) =>
    names.flatMap((name, index) => {
      const is = String.fromCharCode(wire[index] ?? 0)
      if (wanted[name] === undefined || is === (wanted[name] ? '1' : '0')) return []
      return [`the fuse ${name} is '${is}', and was to be ${wanted[name] ? 'on' : 'off'}`]
    }),
  )
}
