/** What stands behind an option: read from its text, and held to its range. */
import { InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import { ReflectoryError } from '../shared/errors.ts'
import { ColumnMapping } from '../shared/sources.ts'

/** Throws 'bad-argument' with the option whose value is out of its range. */
export function readOptions<T>(schema: z.ZodType<T>, raw: unknown, command: string): T {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  const option = `--${String(path[0]).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new ReflectoryError('bad-argument', option, message, `reflectory ${command} --help lists the options.`)
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on is needed.')
  return Number(text)
}

export function decimalNumber(text: string): number {
  if (!/^\d{1,6}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError('A number such as 0.7 is needed.')
  return Number(text)
}

export function countNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.')
  return Number(text)
}

export function seedNumber(text: string): number {
  const [seed, ...more] = seedList(text)
  if (more.length > 0) throw new InvalidArgumentError('One seed is needed.')
  return seed
}

export function seedList(text: string): number[] {
  const seeds = text.split(',').map((part) => part.trim())
  if (!seeds.every((seed) => /^\d{1,10}$/.test(seed)))
    throw new InvalidArgumentError('Whole numbers with commas between them are needed, as in 0,1,2.')
  return seeds.map(Number)
}

/** `part=column`, several times; commander hands each to this with what came before. */
export function columnOption(text: string, before: ColumnMapping = {}): ColumnMapping {
  const at = text.indexOf('=')
  const part = ColumnMapping.keyof().safeParse(text.slice(0, Math.max(0, at)).trim())
  const column = text.slice(at + 1).trim()
  if (at > 0 && part.success && column !== '') return { ...before, [part.data]: column }
  const parts = ColumnMapping.keyof().options.join(', ')
  throw new ReflectoryError('bad-argument', '--column', `'${text}' is not part=column`, `Parts are ${parts}: --column text=question`)
}
