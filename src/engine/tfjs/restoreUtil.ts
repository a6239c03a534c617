/** Puts back what tfjs-node 4.22 calls and Node 23 took out of its `util` module. */
import util from 'node:util'

const lost = {
  isArray: (value: unknown): boolean => Array.isArray(value),
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
}

/** Must run before tfjs-node loads; changes nothing where Node still has them. */
export function restoreUtil(): void {
  for (const [name, work] of Object.entries(lost)) if (!(name in util)) Object.defineProperty(util, name, { value: work, configurable: true })
}
