/** Harbor's exact judge behind the judges' interface, for prompts of Harbor's world only. */
import { judgeHarbor } from '../harbor/judge.ts'
import type { PromptItem } from '../../shared/trajectory.ts'
import type { Judge } from './judge.ts'

/** Harbor's generator names its sets so. */
export function isHarborPrompt({ set }: PromptItem): boolean {
  return set.startsWith('harbor-')
}

export const harborJudge: Judge = {
  name: 'harbor',
  version: '1',
  async judge(items) {
    return items.map(({ prompt, split, component }) => {
      if (isHarborPrompt(prompt)) return judgeHarbor(split, component)
      return { kind: 'unscorable', judge: 'harbor', component, reason: "the prompt is not one of Harbor's world" }
    })
  },
}
