/** Reads a text file line by line as strict UTF-8, so that a wrong encoding is told with its line. */
import { createReadStream } from 'node:fs'
import { ReflectoryError } from '../../shared/errors.ts'

export interface Line {
  /** Counted from 1. */
  number: number
  /** Without its newline; a carriage return before it stays. */
  text: string
}

const encodingRemedy = 'Save the file again as UTF-8 (in a spreadsheet: "CSV UTF-8"; in an editor: encoding "UTF-8").'

/**
 * Lines of a stream of bytes. The bytes are split at newlines before they are decoded: a newline byte never occurs
 * inside a UTF-8 sequence, so each line can be checked on its own. `place` names the file in errors.
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  place: string,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let pending: Uint8Array[] = []
  let number = 1
  let anything = false

  const finish = (last: Uint8Array): Line => {
    const line = pending.length === 0 ? last : Buffer.concat([...pending, last])
    pending = []
    const text = decode(decoder, line, `${place}:${number}`, number === 1)
    return { number: number++, text }
  }

  for await (const chunk of bytes) {
    anything ||= chunk.length > 0
    let start = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      yield finish(chunk.subarray(start, end))
      start = end + 1
    }
    if (start < chunk.length) pending.push(chunk.slice(start))
  }
  if (pending.length > 0) yield finish(new Uint8Array(0))
  if (!anything) {
    throw new ReflectoryError('bad-data', place, 'the file is empty', 'Give a file with at least one row of data.')
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array, place: string, isFirst: boolean): string {
  if (isFirst && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
    throw new ReflectoryError('bad-data', place, 'the file is UTF-16 text, not UTF-8', encodingRemedy)
  }
  if (bytes.includes(0)) {
    throw new ReflectoryError('bad-data', place, 'a NUL byte: this is not UTF-8 text', encodingRemedy)
  }
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch (cause) {
    throw new ReflectoryError('bad-data', place, 'bytes that are not valid UTF-8', encodingRemedy, { cause })
  }
  return isFirst && text.startsWith('\ufeff') ? text.slice(1) : text
}

/** The bytes of a file; a missing, unreadable or wrong kind of file becomes an error with its remedy. */
export async function* fileBytes(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') {
      throw new ReflectoryError('bad-data', file, 'there is no such file', 'Check the path.', { cause })
    }
    if (code === 'EISDIR') {
      throw new ReflectoryError('bad-data', file, 'this is a folder', 'Name a file inside it.', { cause })
    }
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ReflectoryError('bad-data', file, `cannot be read (${reason})`, 'Check its permissions.', { cause })
  }
}
