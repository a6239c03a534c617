/** What the schema has to say against a form, by field. */
import type { z } from 'zod'
import { StudyConfig } from '../../../shared/study.ts'
import type { Path } from './fieldSchema.ts'

export interface FormIssue {
  path: Path
  message: string
}

/** The checked study, or everything that is wrong with the form. */
export function checkForm(form: unknown): { study: StudyConfig | null; issues: FormIssue[] } {
  const parsed = StudyConfig.safeParse(form)
  if (parsed.success) return { study: parsed.data, issues: [] }
  return { study: null, issues: parsed.error.issues.flatMap((issue) => flatten(issue, [])) }
}

function flatten(issue: z.core.$ZodIssue, before: Path): FormIssue[] {
  const path = [...before, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))]
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, message: plainMessage(issue) }]
  // The alternative that was meant is the one that knows the fields which are there.
  const strangeness = (issues: readonly z.core.$ZodIssue[]) =>
    issues.reduce((sum, each) => sum + (each.code === 'unrecognized_keys' ? 100 * each.keys.length : 1), 0)
  const meant = [...issue.errors].sort((a, b) => strangeness(a) - strangeness(b))[0]
  return meant.flatMap((each) => flatten(each, path))
}

function plainMessage(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'number' || issue.expected === 'int'
        ? 'A number is needed here.'
        : 'Something is needed here.'
    case 'too_small':
      if (issue.origin === 'string') return 'Something is needed here.'
      if (issue.origin === 'array') return `At least ${issue.minimum} ${issue.minimum === 1 ? 'is' : 'are'} needed.`
      return issue.inclusive ? `${issue.minimum} at least.` : `More than ${issue.minimum}.`
    case 'too_big':
      return issue.inclusive ? `${issue.maximum} at most.` : `Less than ${issue.maximum}.`
    default:
      return `${issue.message.charAt(0).toUpperCase()}${issue.message.slice(1)}.`
  }
}

/** The steps of the wizard, and which of them an issue belongs to. */
export const STEPS = ['model', 'data', 'arms', 'rewards', 'evaluation', 'review'] as const
export type Step = (typeof STEPS)[number]

export function stepOf(path: Path): Step {
  const [first, , third] = path
  if (first === 'data') return 'data'
  if (first === 'arms') return third === 'reward' ? 'rewards' : 'arms'
  if (first === 'judges') return 'rewards'
  return first === 'evaluation' || first === 'reflectionCues' ? 'evaluation' : 'model'
}
