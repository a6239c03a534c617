/** Finds the elements of a JSON array in its text, so that each row of a .json file has a line and can fail alone. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { Line } from './readLines.ts'

const remedy = 'A .json file of rows is one array of objects: [{…}, {…}]; one object a line is a .jsonl file.'

/** The elements of the outermost array as they stand in `text`, with their lines. Each still has to be parsed. */
export function* splitJsonArray(text: string, place: string): Generator<Line> {
  let line = 1
  let depth = 0
  let inString = false
  let start = -1
  let startLine = 1
  let closed = false
  let afterComma = false

  const fail = (problem: string): never => {
    throw new ReflectoryError('bad-data', `${place}:${line}`, problem, remedy)
  }

  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '\n') line++
    if (inString) {
      if (character === '\\') i++
      else if (character === '"') inString = false
      continue
    }
    if (/\s/.test(character)) continue
    if (closed) fail('text after the end of the array')
    if (depth === 0) {
      if (character !== '[') fail('the file does not begin with an array')
      depth = 1
      continue
    }
    if (depth === 1 && (character === ',' || character === ']')) {
      if (start >= 0) yield { number: startLine, text: text.slice(start, i) }
      else if (character === ',' || afterComma) fail('an empty place between two commas')
      start = -1
      afterComma = character === ','
      if (character === ']') {
        closed = true
        depth = 0
      }
      continue
    }
    if (start < 0) {
      start = i
      startLine = line
    }
    if (character === '"') inString = true
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') {
      depth--
      if (depth < 1) fail('a bracket closes that was never opened')
    }
  }
  if (!closed) fail(depth === 0 ? 'the file holds no array' : 'the array is not closed: the file may be cut off')
}
