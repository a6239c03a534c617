/** The guard models whose prompts and verdicts are known. */
import type { GuardFormatName } from '../../../shared/judges.ts'
import type { GuardFormat } from './format.ts'
import { graniteGuardian } from './graniteGuardian.ts'
import { llamaGuard3 } from './llamaGuard3.ts'
import { qwen3Guard } from './qwen3Guard.ts'

/** The template of Qwen3Guard has what that of Llama Guard is known by, and more. */
const FORMATS: readonly GuardFormat[] = [qwen3Guard, llamaGuard3, graniteGuardian]

export function formatNamed(name: GuardFormatName): GuardFormat {
  return FORMATS.find((format) => format.name === name)!
}

/** The format that a folder's chat template or name is that of, or null. */
export function formatOf(facts: { template: string; name: string }): GuardFormat | null {
  return FORMATS.find((format) => format.matches(facts)) ?? null
}
