/** Which trajectories have texts that are shown only on request. */
import type { TrajectoryRow } from './rpc/trajectories.ts'

/** Those of harmful prompts, and those that a judge found unsafe whatever they were asked. */
export function isHarmful({ role, verdicts }: Pick<TrajectoryRow, 'role' | 'verdicts'>): boolean {
  return role === 'harmful' || Object.values(verdicts).includes('unsafe')
}
