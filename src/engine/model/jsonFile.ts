/** Reads the small JSON files of a model folder, with errors that name the file and the remedy. */
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'

const MAXIMUM_BYTES = 512 * 1024 * 1024

/** Whether a Node error carries the given code. */
export function isNodeError(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}

/** The text of a UTF-8 file (a byte-order mark is dropped), or null where there is none. */
export function readTextIfPresent(file: string): string | null {
  let bytes: Buffer
  try {
    const stat = statSync(file)
    if (!stat.isFile() || stat.size > MAXIMUM_BYTES) {
      const problem = stat.isFile() ? `the file has ${stat.size} bytes, more than 512 MiB` : 'it is not a file'
      throw new ReflectoryError('bad-model', file, problem, 'Put the file that the model was published with there.')
    }
    bytes = readFileSync(file)
  } catch (error) {
    if (isNodeError(error, 'ENOENT', 'ENOTDIR')) {
      refuseBrokenLink(file)
      return null
    }
    if (error instanceof ReflectoryError) throw error
    throw new ReflectoryError(
      'bad-model',
      file,
      `the file cannot be read (${describe(error)})`,
      'Check that it is a file and that you may read it.',
      { cause: error },
    )
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new ReflectoryError('bad-model', file, 'the file is not UTF-8 text', 'Download the model folder again.', {
      cause: error,
    })
  }
}

/**
 * A cache of downloads is all links; one whose file was cleared away must not pass for a file that a model does
 * without.
 */
function refuseBrokenLink(file: string): void {
  let target: string
  try {
    target = readlinkSync(file)
  } catch {
    return
  }
  const problem = `the file is a link to ${target}, which is not there`
  throw new ReflectoryError('bad-model', file, problem, 'Download the model folder again.')
}

/** The parsed JSON of a file that may be absent; throws `bad-model` for anything but JSON of the given shape. */
export function readJsonIfPresent<T>(file: string, schema: z.ZodType<T>): T | null {
  const text = readTextIfPresent(file)
  if (text === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ReflectoryError(
      'bad-model',
      file,
      `the file is not JSON (${describe(error)})`,
      'Download the model folder again.',
      { cause: error },
    )
  }
  return parseModelFile(value, schema, file)
}

/** As `readJsonIfPresent`, but a missing file is an error with the given remedy. */
export function readJson<T>(file: string, schema: z.ZodType<T>, remedyWhenMissing: string): T {
  const value = readJsonIfPresent(file, schema)
  if (value === null) throw new ReflectoryError('bad-model', file, 'the file does not exist', remedyWhenMissing)
  return value
}

/** Parses a value against a schema; the error names the first offending field as `file:field`. */
export function parseModelFile<T>(value: unknown, schema: z.ZodType<T>, file: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const place = issue.path.length > 0 ? `${file}:${issue.path.map(String).join('.')}` : file
  throw new ReflectoryError(
    'bad-model',
    place,
    issue.message,
    'Compare the file with the one that the model was published with.',
  )
}

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
