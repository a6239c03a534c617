/** How far something is, in words. */
import type { Progress } from '../../../shared/events.ts'
import { formatDuration, formatNumber } from '../../format.ts'

/** Share that is done, from 0 to 100. */
export function percentDone({ done, total }: Progress): number {
  return total <= 0 ? 0 : Math.min(100, Math.max(0, (100 * done) / total))
}

/** 'rl-whole, seed 0: training 12 of 60 steps'. */
export function progressText({ arm, seed, phase, done, total, unit }: Progress): string {
  return `${arm}, seed ${seed}: ${phase} ${Math.floor(done)} of ${Math.floor(total)} ${unit}`
}

/** 'about 12 min left in all', or '' where it cannot be told. */
export function timeLeft({ etaSeconds }: Progress): string {
  return etaSeconds === null ? '' : `about ${formatDuration(etaSeconds)} left in all`
}

/** '1.2 steps/s', or ''. */
export function rateText({ ratePerSecond, unit }: Progress): string {
  return ratePerSecond === null ? '' : `${formatNumber(ratePerSecond)} ${unit}/s`
}
