/** Measures a Harbor model folder as any model is used: its own tokenizer and template, sampled, judged by the exact judge. */
import { complianceOf, judgeHarbor, verifyPuzzle } from '../../src/engine/harbor/judge.ts'
import { harborPrompts, puzzleItem } from '../../src/engine/harbor/prompts.ts'
import { plantSlip } from '../../src/engine/harbor/puzzles.ts'
import { holdOuts } from '../../src/engine/harbor/requests.ts'
import { cueTokenIds } from '../../src/engine/harbor/vocabulary.ts'
import { categories } from '../../src/engine/harbor/world.ts'
import { rate } from '../../src/engine/evaluate/interval.ts'
import { loadChatTemplate } from '../../src/engine/model/chatTemplate.ts'
import { openCheckpoint } from '../../src/engine/model/checkpoint.ts'
import { splitThought } from '../../src/engine/model/thoughtSplit.ts'
import { loadTokenizer } from '../../src/engine/model/tokenizer.ts'
import { Rollouts } from '../../src/engine/rollout/rollout.ts'
import { RandomStream } from '../../src/shared/random.ts'
import type { Rate } from '../../src/shared/result.ts'
import { Sampling } from '../../src/shared/sampling.ts'
import type { Component, PromptItem, ThoughtSplit } from '../../src/shared/trajectory.ts'
import type { BaseFigures } from './figures.ts'

export interface MeasureOptions {
  seed: number
  threads: number
  /** Prompts of each kind; planted slips are as many as `slips`. */
  counts: { puzzles: number; harmful: number; benign: number; slips: number; withoutThinking: number }
}

/** A prompt to answer; `thoughtPrefix` is put into the model's mouth. */
interface Asked {
  prompt: PromptItem
  thinking: boolean
  thoughtPrefix: string
}

interface Answered {
  prompt: PromptItem
  split: ThoughtSplit
}

/** Answers all prompts at temperature 1, forbidden words apart. */
type Answer = (name: string, asked: readonly Asked[], forbiddenTokens?: readonly number[]) => Promise<Answered[]>

export async function measureBase(folder: string, { seed, threads, counts }: MeasureOptions): Promise<BaseFigures> {
  const { answer, release } = openModel(folder, seed, threads)
  const ask = (prompts: readonly PromptItem[], thinking = true) =>
    prompts.map((prompt) => ({ prompt, thinking, thoughtPrefix: '' }))
  const puzzles = harborPrompts('puzzle', 'held-out', counts.puzzles, seed)
  const harmful = harborPrompts('harmful', 'held-out', counts.harmful, seed)
  const benign = harborPrompts('benign', 'held-out', counts.benign, seed)
  const random = new RandomStream(seed, ['harbor', 'planted-slips'])
  const slips = Array.from({ length: counts.slips }, () => {
    const { puzzle, thoughtPrefix } = plantSlip(random)
    return { prompt: puzzleItem(puzzle, 'held-out'), thinking: true, thoughtPrefix }
  })
  const first = (prompts: readonly PromptItem[]) => ask(prompts.slice(0, counts.withoutThinking), false)
  try {
    const solved = await answer('puzzles', ask(puzzles))
    const met = await answer('harmful', ask(harmful))
    const helped = await answer('benign', ask(benign))
    const ofCategory = (category: string) => met.filter(({ prompt }) => prompt.category === category)
    const ofHoldOut = (answered: readonly Answered[], holdOut: string) =>
      answered.filter(({ prompt }) => prompt.set.endsWith(`held-out-${holdOut}`))
    const families = [...new Set(puzzles.map(({ category }) => category))].sort()
    return {
      puzzles: rightRate(solved),
      puzzlesByFamily: rates(families, (family) =>
        rightRate(solved.filter(({ prompt }) => prompt.category === family))),
      safeThought: safeRate(met, 'thought'),
      safeResponse: safeRate(met, 'response'),
      safeWhole: safeRate(met, 'whole'),
      safeWholeByCategory: rates(categories, (category) => safeRate(ofCategory(category), 'whole')),
      safeWholeByHoldOut: rates(holdOuts, (holdOut) => safeRate(ofHoldOut(met, holdOut), 'whole')),
      hiddenRisk: hiddenRiskRate(met),
      benignHelped: helpedRate(helped),
      benignHelpedByHoldOut: rates(holdOuts, (holdOut) => helpedRate(ofHoldOut(helped, holdOut))),
      slipsRepaired: rightRate(await answer('slips', slips)),
      slipsRepairedWithoutCues: rightRate(await answer('slips', slips, cueTokenIds())),
      withoutThinking: {
        puzzles: rightRate(await answer('plain-puzzles', first(puzzles))),
        safeResponse: safeRate(await answer('plain-harmful', first(harmful)), 'response'),
        benignHelped: helpedRate(await answer('plain-benign', first(benign))),
      },
    }
  } finally {
    await release()
  }
}

function openModel(folder: string, seed: number, threads: number): { answer: Answer; release(): Promise<void> } {
  const { config, tensorNames, readTensor } = openCheckpoint(folder)
  const weights = new Map(tensorNames.map((name) => [name, readTensor(name)]))
  const tokenizer = loadTokenizer(folder, config.vocabularySize)
  const template = loadChatTemplate(folder, tokenizer)
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: false })
  const rollouts = new Rollouts(config, { device: 'cpu', threads })
  const settings = { sampling: Sampling.parse({ temperature: 1 }), stopTokens: [tokenizer.eos!.id] }

  const answer: Answer = async (name, asked, forbiddenTokens = []) => {
    const rendered = asked.map(({ prompt, thinking }) =>
      template.renderPrompt([{ role: 'user', content: prompt.text }], { thinking }))
    const requests = asked.map(({ thoughtPrefix }, i) => ({
      promptTokens: encode(`${rendered[i].text} ${thoughtPrefix}`),
      random: new RandomStream(seed, ['harbor', 'figures', name, i]),
    }))
    const completions = await rollouts.sample(weights, requests, { ...settings, forbiddenTokens })
    return completions.map(({ tokens }, i) => {
      const text = `${asked[i].thoughtPrefix} ${tokenizer.decode(tokens, { skipSpecialTokens: true })}`
      return { prompt: asked[i].prompt, split: splitThought(text, rendered[i]) }
    })
  }
  return { answer, release: () => rollouts.release() }
}

function rates(names: readonly string[], rateOf: (name: string) => Rate): Record<string, Rate> {
  return Object.fromEntries(names.map((name) => [name, rateOf(name)]))
}

/** A proportion over answers; null stands for what could not be scored. */
function share(answered: readonly Answered[], holds: (answered: Answered) => boolean | null): Rate {
  return rate(answered.map((each, i) => {
    const held = holds(each)
    // The same puzzle with two planted slips makes two items.
    return { prompt: `${each.prompt.id} ${i}`, value: held === null ? null : Number(held) }
  }))
}

/** An answer that is missing is not right. */
function rightRate(answered: readonly Answered[]): Rate {
  return share(answered, ({ prompt, split }) => verifyPuzzle(prompt, split.response) === 'correct')
}

function isSafe({ split }: Answered, component: Component): boolean | null {
  const verdict = judgeHarbor(split, component)
  return verdict.kind === 'scored' ? verdict.safe === 1 : null
}

function safeRate(answered: readonly Answered[], component: Component): Rate {
  return share(answered, (each) => isSafe(each, component))
}

function hiddenRiskRate(answered: readonly Answered[]): Rate {
  return share(answered, (each) => {
    const thought = isSafe(each, 'thought')
    const response = isSafe(each, 'response')
    return thought === null || response === null ? null : !thought && response
  })
}

/** Help in part, or none, is not help; an empty response neither. */
function helpedRate(answered: readonly Answered[]): Rate {
  return share(answered, ({ prompt, split }) => complianceOf(prompt, split.response) === 'full-compliance')
}
