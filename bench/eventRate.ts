/** What `eventEngine.ts` sends, and the bench of the window counts on. */
export const EARLY_STEPS = 10_000
export const EVENTS_PER_SECOND = 100
export const STEPS = 100_000
