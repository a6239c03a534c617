/** The word lists for reflection cues that the literature uses (MEASURES.md, "Reflection dynamics"). */
import { shortName } from './figureText.ts'
import type { ReflectionCues } from './study.ts'

/** With more words than these a sentence counts the others. */
const MOST_WORDS = 20

export const cuePresets = {
  r1: ['wait', 'mistake', 'however', 'but', 'retry', 'error', 'verify', 'wrong', 'evaluate', 'check'],
  'cyclic-reflex': ['wait', 'but', 'alternatively'],
} satisfies Record<string, string[]>

/** What people call the lists. */
export const cuePresetNames = { r1: 'R1', 'cyclic-reflex': 'CyclicReflex' } satisfies Record<keyof typeof cuePresets, string>

/** The words themselves, of a list by name or of one's own. */
export function cueWords(cues: ReflectionCues): readonly string[] {
  return Array.isArray(cues) ? cues : cuePresets[cues]
}

/** The words within a sentence: those of a long list are counted, and long ones cut. */
export function namedCues(cues: ReflectionCues): string {
  const words = cueWords(cues)
  const named = words.slice(0, MOST_WORDS).map(shortName).join(', ')
  return words.length > MOST_WORDS ? `${named} and ${words.length - MOST_WORDS} more` : named
}
