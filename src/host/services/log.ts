/** The newest lines of what happened, for Diagnostics; those of earlier starts too. No prompts and no texts go in. */
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { LogLine } from '../../shared/rpc/machine.ts'

/** Lines in memory, and those of them that the file is cut down to when it has twice as many. */
const KEPT = 2000
const KEPT_IN_FILE = 500

export interface Log {
  add(level: LogLine['level'], text: string): void
  after(number: number, limit: number): LogLine[]
}

/** @param file a JSON line for each; what cannot be read or written there is let be, as the log must not stop anything */
export function createLog(now: () => string, file: string): Log {
  const lines = readLines(file).slice(-KEPT_IN_FILE)
  let number = lines.at(-1)?.number ?? 0
  let inFile = rewrite(file, lines)
  return {
    add(level, text) {
      number += 1
      const line = { number, at: now(), level, text }
      lines.push(line)
      if (lines.length > KEPT) lines.shift()
      inFile = inFile < 2 * KEPT_IN_FILE ? append(file, line, inFile) : rewrite(file, lines.slice(-KEPT_IN_FILE))
    },
    after: (last, limit) => lines.filter((line) => line.number > last).slice(-limit),
  }
}

/** One that was cut off by a crash is left out. */
function readLines(file: string): LogLine[] {
  try {
    return readFileSync(file, 'utf8').split('\n').flatMap(readLine)
  } catch {
    return []
  }
}

function readLine(line: string): LogLine[] {
  try {
    const { data } = LogLine.safeParse(JSON.parse(line))
    return data === undefined ? [] : [data]
  } catch {
    return []
  }
}

/** Gives the lines that stand in the file then. */
function append(file: string, line: LogLine, before: number): number {
  try {
    appendFileSync(file, `${JSON.stringify(line)}\n`)
    return before + 1
  } catch {
    return before
  }
}

function rewrite(file: string, lines: readonly LogLine[]): number {
  try {
    const unfinished = `${file}.unfinished`
    writeFileSync(unfinished, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    renameSync(unfinished, file)
  } catch {
    // It is tried again when as many lines have come.
  }
  return lines.length
}
