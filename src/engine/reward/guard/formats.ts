/** The guard models whose prompts and verdicts are known. */
import type { GuardFormatName } from '../../../shared/judges.ts'
import type { GuardFormat } from './format.ts'
import { graniteGuardian } from './graniteGuardian.ts'
import { llamaGuard3 } from './llamaGuard3.ts'
import { qwen3Guard } from './qwen3Guard.ts'

const FORMATS: readonly GuardFormat[] = [llamaGuard3, graniteGuardian, qwen3Guard]

export function formatNamed(name: GuardFormatName): GuardFormat {
  return FORMATS.find((format) => format.name === name)!
}

/** The format that a folder's chat template or name is that of, or null. */
export function formatOf(facts: { template: string; name: string }): GuardFormat | null {
  return FORMATS.find((format) => format.matches(facts)) ?? null
}
