/** How open the choice of each token was: by step, segment, at reflection cues and at forking tokens (MEASURES.md, "Token entropy"). */
import type { AnalysisResult, EntropyAnalysis } from '../../../shared/analysis.ts'
import type { AnalyzeRequest } from '../../../shared/channel.ts'
import { namedCues } from '../../../shared/cuePresets.ts'
import type { Figure } from '../../../shared/figure.ts'
import { GroupedRatio, type Estimate } from '../../evaluate/groupedRatio.ts'
import { sumEntropies } from '../../analysis/entropy.ts'
import { Histogram } from './histogram.ts'
import { figure, pointOf, type ArmNames, type View } from './measure.ts'
import { MeasureViews } from './measureViews.ts'
import { openTokens } from './openTokens.ts'
import { armNamesOf, eachRow, LeftOut, resultOf, type AnalysisWatch } from './overRows.ts'
import { evenRows, sameTexts } from './sameTexts.ts'
import { compared, comparisonTitle } from './titles.ts'
import { TopShare } from './topShare.ts'

const BIN_NATS = 0.25
const BINS = 24
/** A choice between nearly three equal tokens. */
const OPEN_NATS = 1
const GROUP_BOOTSTRAP = 1000

export async function analyzeEntropy(
  request: AnalyzeRequest,
  { words, phase, forkingShare, sameTexts: texts }: EntropyAnalysis,
  watch: AnalysisWatch,
): Promise<AnalysisResult> {
  const arms = armNamesOf(request)
  const top = await topByArm(request, phase, watch, forkingShare)
  const tokens = openTokens(request, words)
  const views = { all: entropyViews('all', arms), thought: entropyViews('thought', arms), response: entropyViews('response', arms) }
  const histogram = new Histogram({ from: 0, width: BIN_NATS, bins: BINS })
  const thoughtTokens = new GroupedRatio({ isShare: false, eventSize: null, bootstrapUpTo: GROUP_BOOTSTRAP })
  const forking = new GroupedRatio({ isShare: true, eventSize: null, bootstrapUpTo: GROUP_BOOTSTRAP })
  const chosen = evenRows(request, texts)
  const leftOut = new LeftOut()
  const read = await eachRow(request, ['promptTokens', 'tokens', 'entropies'], watch, leftOut, (row, arm) => {
    if (row.tokenCount === 0) return leftOut.add('no token was sampled')
    const inFocus = row.phase === phase
    const { thought, response } = tokens(row).segments(row)
    const parts = { all: { start: 0, end: row.tokenCount }, thought, response }
    for (const name of ['all', 'thought', 'response'] as const) {
      const { sum, count } = sumEntropies(row.entropies, parts[name])
      if (count > 0) views[name].add(row, arm, inFocus, sum, count)
    }
    if (!inFocus) return
    chosen.see(row)
    const threshold = top.get(arm)?.threshold ?? Infinity
    for (const part of ['thought', 'response'] as const) {
      const { start, end } = parts[part]
      if (end === start) continue
      // Whole trajectories are counted before they go to the figure: a look-up a token would cost seconds.
      const counts = histogram.of(`${arm}: ${part}`, row.prompt)
      for (let i = start; i < end; i++) counts[Math.max(0, Math.min(BINS - 1, Math.floor(row.entropies[i] / BIN_NATS)))]++
    }
    countCues(tokens(row).cueTokens(row, { thought, response }))

    function countCues(cues: readonly number[]): void {
      const { start, end } = thought
      if (end === start) return
      const all = sumEntropies(row.entropies, thought)
      const atCues = { sum: 0, forks: 0 }
      for (const at of cues) {
        atCues.sum += row.entropies[at]
        if (row.entropies[at] >= threshold) atCues.forks++
      }
      const forks = { sum: 0, count: 0 }
      for (let i = start; i < end; i++) {
        if (row.entropies[i] < threshold) continue
        forks.sum += row.entropies[i]
        forks.count++
      }
      const others = all.count - cues.length
      thoughtTokens.add('all thought tokens', arm, row.prompt, all.sum, all.count, all.count)
      if (forks.count > 0) thoughtTokens.add('forking tokens', arm, row.prompt, forks.sum, forks.count, forks.count)
      if (others > 0) forking.add('other thought tokens', arm, row.prompt, forks.count - atCues.forks, others, others)
      if (cues.length === 0) return
      thoughtTokens.add('first tokens of cues', arm, row.prompt, atCues.sum, cues.length, cues.length)
      forking.add('first tokens of cues', arm, row.prompt, atCues.forks, cues.length, cues.length)
    }
  })
  const same = texts === 0 || read === 0 ? null : await sameTexts(request, chosen.rows, watch)
  return resultOf(request, {
    ...{ read, leftOut },
    figures: [
      ...Object.values(views).flatMap((each) => each.figures()),
      ...histogram.figure({
        id: 'entropy-distribution',
        what: 'Entropy of a token',
        definition: `${definition} The share of tokens of each entropy, thought and response apart; from ${BIN_NATS * (BINS - 1)} nats on in one bin.`,
        x: { label: 'entropy, nats', format: 'nats' },
        drawFrom: BIN_NATS,
        tail: { from: OPEN_NATS, words: `Tokens with an entropy of ${OPEN_NATS} nat or more` },
        order: arms.names.flatMap((name) => [`${name}: thought`, `${name}: response`]),
      }),
      ...cueFigures(arms, thoughtTokens, forking, forkingShare),
      ...(same?.figures ?? []),
    ],
    tables: [...(read === 0 ? [] : Object.values(views).flatMap((each) => each.tables())), same?.table ?? null],
    notes: [
      `The cues are: ${namedCues(words)}.`,
      ...[...top].map(([arm, { threshold }]) => `Forking tokens of ${arm} are those from ${Number(threshold.toPrecision(3))} nats on.`),
      ...(same?.notes ?? []),
    ],
  })
}

const definition = 'Entropy of the distribution that a token was drawn from, at temperature 1 and before truncation, in nats (MEASURES.md, "Token entropy").'

/** The threshold of forking tokens of each arm: of all its sampled tokens that are looked at. */
async function topByArm(
  request: AnalyzeRequest,
  phase: EntropyAnalysis['phase'],
  watch: AnalysisWatch,
  share: number,
): Promise<Map<string, { threshold: number }>> {
  const tops = new Map<string, TopShare>()
  await eachRow(request, ['promptTokens', 'tokens', 'entropies'], watch, new LeftOut(), (row, arm) => {
    if (row.phase !== phase) return
    const top = tops.get(arm) ?? new TopShare()
    tops.set(arm, top)
    for (let i = 0; i < row.entropies.length; i++) top.add(row.entropies[i])
  })
  return new Map([...tops].map(([arm, top]) => [arm, { threshold: top.threshold(share) }]))
}

function entropyViews(part: 'all' | 'thought' | 'response', arms: ArmNames): MeasureViews {
  const views: View[] = part === 'all' ? ['step', 'stepAndVerdict', 'arm', 'verdict', 'category'] : ['step', 'arm']
  return new MeasureViews(
    {
      id: part === 'all' ? 'entropy' : `${part}-entropy`,
      what: part === 'all' ? 'Mean token entropy' : `Mean token entropy of the ${part}`,
      definition: `${definition} The mean over ${part === 'all' ? 'all tokens, tags and end token included' : `the tokens of the ${part}${part === 'response' ? ', end token included' : ''}`}.`,
      weighting: 'Long texts count for more.',
      axis: { label: 'mean entropy, nats', format: 'nats' },
      isShare: false,
      eventSize: null,
      views,
    },
    arms,
  )
}

function cueFigures(arms: ArmNames, means: GroupedRatio, forking: GroupedRatio, share: number): Figure[] {
  const names = arms.names.filter((name) => means.estimate('all thought tokens', name).n > 0)
  if (names.length === 0) return []
  const top = `Forking tokens are the ${Math.round(100 * share)}% of an arm's tokens with the highest entropy (arXiv 2506.01939).`
  const words = { more: 'more', less: 'less', unclear: 'no clear difference' }
  const bars = (sums: GroupedRatio, series: readonly string[]) =>
    series.map((name) => ({ name, points: names.map((arm) => pointOf(arm, sums.estimate(name, arm))) }))
  const against = (a: (arm: string) => Estimate, b: (arm: string) => Estimate, format: 'nats' | 'share') =>
    names.map((arm) => compared(arm, a(arm), b(arm), format, '%now against %before'))
  const cue = 'first tokens of cues'
  return [
    figure({
      id: 'entropy-at-cues',
      title: comparisonTitle(
        'Entropy where a reflection cue begins against all thought tokens',
        against((arm) => means.estimate(cue, arm), (arm) => means.estimate('all thought tokens', arm), 'nats'),
        words,
      ),
      definition: `${definition} Mean over the tokens of thoughts, over the first tokens of reflection cues, and over forking tokens. ${top}`,
      kind: 'bars',
      x: { label: 'arm', format: 'count' },
      y: { label: 'mean entropy, nats', format: 'nats' },
      series: bars(means, ['all thought tokens', cue, 'forking tokens']),
      notes: ['Here n counts tokens.'],
    }),
    figure({
      id: 'cues-that-fork',
      title: comparisonTitle(
        'Share of reflection cues that are forking tokens against other thought tokens',
        against((arm) => forking.estimate(cue, arm), (arm) => forking.estimate('other thought tokens', arm), 'share'),
        words,
      ),
      definition: `The share of first tokens of reflection cues, and of other thought tokens, that are forking tokens. ${top}`,
      kind: 'bars',
      x: { label: 'arm', format: 'count' },
      y: { label: 'share that forks', format: 'share' },
      series: bars(forking, [cue, 'other thought tokens']),
      notes: ['Here n counts tokens.'],
    }),
  ]
}
