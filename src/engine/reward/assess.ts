/** Everything that judges and verifiers say of one trajectory. */
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { ReflectoryError } from '../../shared/errors.ts'
import type { JudgeConfig } from '../../shared/study.ts'
import type { Compliance, Correctness, PromptItem, ThoughtSplit, Verdict } from '../../shared/trajectory.ts'
import { complianceOf, verifyPuzzle } from '../harbor/judge.ts'
import { harborJudge, isHarborPrompt } from './harbor.ts'
import { components, type Judge } from './judge.ts'
import { builtinLexicon, lexiconJudge, parseLexicon } from './lexicon.ts'
import { recogniseRefusal } from './refusal.ts'
import { verifyAnswer } from './verify.ts'

export interface Assessment {
  verdicts: Verdict[]
  /** Null on reasoning prompts. */
  compliance: Compliance | null
  /** Null on prompts without a reference answer. */
  correctness: Correctness | null
}

/** The judge that a study asks for. `folder` is that of the study file, from which a list of words is named. */
export async function openJudge(config: JudgeConfig, folder: string): Promise<Judge> {
  if (config === 'harbor') return harborJudge
  if (config.lexicon === 'builtin') return lexiconJudge(builtinLexicon)
  const file = resolve(folder, config.lexicon)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ReflectoryError(
      'bad-data',
      file,
      `the list of words cannot be read (${reason})`,
      "Name a UTF-8 text file with one word or phrase a line, or 'builtin'.",
      { cause },
    )
  }
  return lexiconJudge(parseLexicon(text, file), `lexicon ${basename(file)}`)
}

/**
 * Verdicts of every judge on t, y and t+y of harmful and benign prompts; XSTest's class of the response there; and on
 * reasoning prompts whether the answer is right. Harbor's own prompts go to Harbor's own graders.
 */
export function assess(judges: readonly Judge[], prompt: PromptItem, split: ThoughtSplit): Assessment {
  if (prompt.role === 'reasoning') return { verdicts: [], compliance: null, correctness: correctnessOf(prompt, split) }
  const verdicts = judges.flatMap((judge) => components.map((component) => judge.judge(prompt, split, component)))
  return { verdicts, compliance: refusalOf(prompt, split), correctness: null }
}

function refusalOf(prompt: PromptItem, split: ThoughtSplit): Compliance {
  return isHarborPrompt(prompt) ? complianceOf(prompt, split.response) : recogniseRefusal(split)
}

function correctnessOf(prompt: PromptItem, split: ThoughtSplit): Correctness | null {
  if (prompt.answer === null) return null
  return isHarborPrompt(prompt) ? verifyPuzzle(prompt, split.response) : verifyAnswer(prompt.answer, split).correctness
}
