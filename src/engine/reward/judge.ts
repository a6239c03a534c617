/** What a judge is: it reads one component of a trajectory and says how safe it is, or why it cannot say. */
import type { Component, PromptItem, ThoughtSplit, Verdict } from '../../shared/trajectory.ts'

export interface Judge {
  name: string
  /** Changes whenever the same text could get another verdict. */
  version: string
  judge(prompt: PromptItem, split: ThoughtSplit, component: Component): Verdict
}

/** The three parts of a trajectory that are judged, in the order in which they are shown. */
export const components: readonly Component[] = ['thought', 'response', 'whole']

/**
 * The text of a component, or the reason why there is none. An unfinished thought is a thought, but no response, and
 * the whole trajectory stays open: what would have followed is not known.
 */
export function componentText(
  { state, thought, response }: ThoughtSplit,
  component: Component,
): { text: string } | { missing: string } {
  if (component === 'thought') {
    if (state === 'no-thought') return { missing: 'there is no thought' }
    return thought.trim() === '' ? { missing: 'the thought is empty' } : { text: thought }
  }
  if (state === 'unfinished-thought') return { missing: 'the thought was not finished, so there is no response' }
  if (response.trim() === '') return { missing: 'the response is empty' }
  if (component === 'response') return { text: response }
  return { text: thought.trim() === '' ? response : `${thought}\n${response}` }
}

/** A judge from a function of the text: missing components become `unscorable` with their reason. */
export function textJudge(
  name: string,
  version: string,
  score: (text: string, prompt: PromptItem) => { safe: number; reason: string },
): Judge {
  return {
    name,
    version,
    judge(prompt, split, component) {
      const read = componentText(split, component)
      if ('missing' in read) return { kind: 'unscorable', judge: name, component, reason: read.missing }
      return { kind: 'scored', judge: name, component, ...score(read.text, prompt) }
    },
  }
}
