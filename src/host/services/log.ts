/** The newest lines of what happened, for Diagnostics. No prompts and no texts go in. */
import type { LogLine } from '../../shared/rpc/machine.ts'

const KEPT = 2000

export interface Log {
  add(level: LogLine['level'], text: string): void
  after(number: number, limit: number): LogLine[]
}

export function createLog(now: () => string): Log {
  const lines: LogLine[] = []
  let number = 0
  return {
    add(level, text) {
      number += 1
      lines.push({ number, at: now(), level, text })
      if (lines.length > KEPT) lines.shift()
    },
    after: (last, limit) => lines.filter((line) => line.number > last).slice(-limit),
  }
}
