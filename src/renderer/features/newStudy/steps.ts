/** The steps of the wizard by name. */
import type { Step } from './studyIssues.ts'

export const STEP_TITLES: Record<Step, string> = {
  model: 'Model',
  data: 'Data',
  arms: 'Arms',
  rewards: 'Rewards',
  evaluation: 'Evaluation',
  review: 'Review',
}
