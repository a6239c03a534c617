/** The base model and a trained one on the same texts: what training did to the policy, whatever texts it chooses. */
import type { AnalysisTable } from '../../../shared/analysis.ts'
import type { AnalyzeRequest } from '../../../shared/channel.ts'
import { evenly } from '../../../shared/evenly.ts'
import { FEWEST_PROMPTS } from '../../../shared/rateWords.ts'
import type { Figure } from '../../../shared/figure.ts'
import { pairedDifference } from '../../evaluate/difference.ts'
import type { Observation } from '../../evaluate/interval.ts'
import { keepFrozen } from '../../model/frozenWeights.ts'
import { openStudyModel } from '../studyModel.ts'
import { figure } from './measure.ts'
import type { AnalysisWatch } from './overRows.ts'
import type { ReadRow } from './readRows.ts'
import { TextScorer } from '../../train/textScorer.ts'
import { comparedPairs, comparisonTitle, shownDifference } from './titles.ts'

/** A trajectory's tokens, kept. */
interface KeptText {
  arm: number
  prompt: string
  promptTokens: Int32Array
  completionTokens: Int32Array
}

/** Keeps copies of at most `most` trajectories of each arm and seed: of every k-th, k doubling when there are too many. */
export function evenRows({ arms }: AnalyzeRequest, most: number) {
  const kept = arms.map(() => ({ seen: 0, every: 1, texts: [] as KeptText[] }))
  return {
    see({ arm, prompt, promptTokens, tokens }: ReadRow): void {
      const own = kept[arm]
      if (most > 0 && own.seen % own.every === 0) {
        own.texts.push({ arm, prompt, promptTokens: promptTokens.slice(), completionTokens: tokens.slice() })
        if (own.texts.length > 2 * most) {
          own.texts = own.texts.filter((_, i) => i % 2 === 0)
          own.every *= 2
        }
      }
      own.seen++
    },
    get rows(): KeptText[] {
      return kept.flatMap(({ texts }) => evenly(texts, most))
    },
  }
}

interface Mean {
  entropy: number
  logProbability: number
}

interface Compared {
  name: string
  /** Whose texts. */
  texts: 'base' | 'arm'
  entropy: ReturnType<typeof pairedDifference>
  logProbability: ReturnType<typeof pairedDifference>
}

export interface SameTexts {
  figures: Figure[]
  table: AnalysisTable | null
  notes: string[]
}

/** Each trained arm reads the base's texts and its own, and so does the base. Only where both models are there. */
export async function sameTexts(request: AnalyzeRequest, texts: readonly KeptText[], watch: AnalysisWatch): Promise<SameTexts> {
  const { arms } = request
  const base = arms.findIndex(({ method }) => method === 'base')
  const able = [...arms.keys()].filter((arm) => arms[arm].method !== 'base' && arms[arm].folder !== null)
  // Models with other tokens read other texts.
  const model = (base < 0 ? able.map((arm) => arms[arm].model)[0] : arms[base].model) ?? null
  const reader = base < 0 ? model : arms[base].folder
  const trained = able.filter((arm) => arms[arm].model === model)
  const missing = arms.filter(({ method, folder }) => method !== 'base' && folder === null)
  const notes = missing.map(({ name, seed }) => `${name} (seed ${seed}): its trained model is not there, so it reads no texts.`)
  const none = (why: string) => ({ figures: [], table: null, notes: [...notes, `Not enough data: ${why}.`] })
  if (texts.length === 0) return none('no text is there that both models could read')
  if (reader === null || trained.length === 0) return none('no trained model is there to read the same texts')
  const ofBase = texts.filter(({ arm }) => arm === base)
  const total = trained.reduce((sum, arm) => sum + ofBase.length + texts.filter((text) => text.arm === arm).length, texts.length)
  let before = 0
  const read = async (folder: string, chosen: readonly KeptText[]) => {
    const onProgress = (done: number) => watch.onProgress('reading the same texts', before + done, total)
    const means = await meansOf(folder, chosen, request, { signal: watch.signal, onProgress })
    before += chosen.length
    return new Map(chosen.map((text, i) => [text, means[i]]))
  }
  const byBase = await read(reader, texts.filter(({ arm }) => arm === base || trained.includes(arm)))
  const results: Compared[] = []
  for (const arm of trained) {
    const own = texts.filter((text) => text.arm === arm)
    const byArm = await read(arms[arm].folder!, [...ofBase, ...own])
    const name = arms.filter((each) => each.name === arms[arm].name).length > 1 ? `${arms[arm].name} (seed ${arms[arm].seed})` : arms[arm].name
    for (const [kind, chosen] of [['base', ofBase], ['arm', own]] as const) {
      const difference = (number: keyof Mean) => {
        const of = (means: ReadonlyMap<KeptText, Mean>): Observation[] => chosen.map((text) => ({ prompt: text.prompt, value: means.get(text)![number] }))
        return pairedDifference(of(byArm), of(byBase), { isShare: false, fewest: FEWEST_PROMPTS })
      }
      results.push({ name, texts: kind, entropy: difference('entropy'), logProbability: difference('logProbability') })
    }
  }
  const noBase = base < 0 ? ['The base arm is not among those that were chosen, so that only the arms’ own texts are read.'] : []
  return { figures: figuresOf(results), table: tableOf(results), notes: [...notes, ...noBase] }
}

async function meansOf(
  folder: string,
  texts: readonly KeptText[],
  { device, threads }: AnalyzeRequest,
  watch: { signal: AbortSignal; onProgress(done: number): void },
): Promise<Mean[]> {
  if (texts.length === 0) return []
  const model = openStudyModel(folder)
  const frozen = await keepFrozen({ device, threads }, model)
  const scorer = new TextScorer(model.config, frozen.options)
  try {
    const scores = await scorer.score(model.weights, texts, watch)
    return scores.map(({ entropies, logProbabilities }) => ({ entropy: meanOf(entropies), logProbability: meanOf(logProbabilities) }))
  } finally {
    await scorer.release()
    await frozen.release()
  }
}

const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

const whose = { base: "the base's texts", arm: "the arm's own texts" }
const how =
  'Both models read the same recorded texts, token by token, at temperature 1; the mean over a text’s tokens, arm minus base, then over prompts; interval from a bootstrap over prompts.'

function figuresOf(results: readonly Compared[]): Figure[] {
  const make = (id: string, what: string, label: string, number: 'entropy' | 'logProbability'): Figure => {
    const comparisons = results
      .filter(({ texts }) => texts === 'base')
      .map(({ name, ...each }) => comparedPairs(name, each[number], (value) => shownDifference(value, 'nats')))
    return figure({
      id,
      title: comparisonTitle(`${what} on the base's texts, against what the base makes of them`, comparisons, { more: 'higher', less: 'lower', unclear: 'no clear difference' }),
      definition: how,
      kind: 'bars',
      x: { label: 'arm', format: 'count' },
      y: { label, format: 'nats' },
      series: (['base', 'arm'] as const).map((texts) => ({
        name: whose[texts],
        points: results
          .filter((each) => each.texts === texts)
          .map(({ name, ...each }) => {
            const { value: y, low, high, p, pairs } = each[number]
            return { x: name, y, low, high, p, n: pairs ?? 0 }
          }),
      })),
      notes: ['Here n counts prompts.'],
    })
  }
  return [
    make('entropy-on-same-texts', 'Token entropy', 'entropy, arm minus base, nats', 'entropy'),
    make('log-probability-on-same-texts', 'Log-probability of the tokens', 'log-probability, arm minus base, nats', 'logProbability'),
  ]
}

function tableOf(results: readonly Compared[]): AnalysisTable {
  const rows = results.flatMap(({ name, texts, entropy, logProbability }) =>
    ([['entropy', entropy], ['log-probability', logProbability]] as const).map(([what, { value, low, high, p, pairs }]) => [
      name, whose[texts], what, value, low, high, p, pairs,
    ]),
  )
  const column = (label: string, format: 'words' | 'nats' | 'number' | 'count') => ({ label, format })
  return {
    id: 'same-texts',
    title: 'What each trained arm makes of the same texts, less what the base makes of them.',
    definition: how,
    columns: [
      ...['arm', 'texts', 'what'].map((label) => column(label, 'words')),
      ...['difference', 'low', 'high'].map((label) => column(label, 'nats')),
      column('p', 'number'),
      column('prompts', 'count'),
    ],
    rows,
  }
}
