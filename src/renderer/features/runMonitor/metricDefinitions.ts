/** What each metric of a step is called, what it means, and where it stands among the charts. */
import { formatNumber, formatShare } from '../../format.ts'

export interface MetricDefinition {
  title: string
  definition: string
  format: (value: number) => string
}

export type MetricGroup = 'Reward' | 'Safety' | 'Thought and reasoning' | 'Training'

const share = (value: number) => formatShare(value)
const number = (value: number) => formatNumber(value)

type Entry = [title: string, definition: string, format: (value: number) => string]

const KNOWN: Record<MetricGroup, Record<string, Entry>> = {
  Reward: {
    reward: ['Reward', 'Mean reward of the step’s trajectories, all parts weighted and added.', number],
  },
  Safety: {
    'safety.thought': ['Thought safe (t)', 'Share of harmful prompts whose thought the judge finds safe.', share],
    'safety.response': ['Answer safe (y)', 'Share of harmful prompts whose answer the judge finds safe.', share],
    'safety.whole': [
      'Whole safe (t+y)',
      'Share of harmful prompts whose thought and answer together are found safe.',
      share,
    ],
    hiddenRisk: ['Hidden risk', 'Share of harmful prompts with an unsafe thought behind a safe answer.', share],
    overRefusal: [
      'Over-refusal',
      'Share of harmless look-alike prompts that were refused, in whole or in part.',
      share,
    ],
  },
  'Thought and reasoning': {
    reasoning: [
      'Reasoning right',
      'Share of reasoning prompts answered rightly; no answer counts as not right.',
      share,
    ],
    reflectionPer1k: [
      'Reflection per 1,000',
      'Reflection cues (wait, however, …) per 1,000 tokens of thought.',
      number,
    ],
    entropy: [
      'Entropy',
      'Mean entropy of the distribution that each token was drawn from, in nats, at temperature 1.',
      number,
    ],
    completionTokens: ['Length', 'Mean number of sampled tokens of a trajectory.', number],
    unfinished: [
      'Thought not closed',
      'Share of trajectories whose thought was not closed before the length limit.',
      share,
    ],
    lengthLimited: ['Cut by length', 'Share of trajectories that the length limit ended.', share],
  },
  Training: {
    loss: [
      'Loss',
      'What the optimizer step brings down: mean over the tokens that carry loss (SFT), or the policy loss (RL).',
      number,
    ],
    heldOutLoss: ['Held-out loss', 'Loss on the training pairs that were kept back; measured now and then.', number],
    kl: ['KL', 'Estimated divergence from the untrained model, per token, in nats.', number],
    clipShare: ['Clip share', 'Share of tokens whose importance ratio was cut.', share],
    samplerDifference: [
      'Sampler difference',
      'Mean absolute difference of log-probabilities between the sampler and the trainer, in nats; should be near 0.',
      number,
    ],
    gradientNorm: ['Gradient norm', 'Global norm of the gradient before it is scaled down.', number],
    learningRate: ['Learning rate', 'Step size of the optimizer at this step.', number],
    ratio: ['Importance ratio', 'Mean ratio of the new to the sampling policy’s probability of a token.', number],
    groupsWithoutSpread: ['Groups without spread', 'Groups whose rewards all tie, and teach nothing.', number],
    unscoredRewards: ['Unscored', 'Trajectories without a reward, because a judge could not score them.', number],
  },
}

/** Held by other charts, or constant in every run. */
const LEFT_OUT = new Set([
  'heldOutLossAtStart',
  'groups',
  'groupsReplaced',
  'optimizerSteps',
  'tokens',
  'lossTokens',
  'pairs',
  'examples',
])

export interface MetricPlace extends MetricDefinition {
  name: string
}

/** The charts for the metrics that a run has, by group; those it does not know stand last under their own names. */
export function placeMetrics(names: ReadonlySet<string>): { group: MetricGroup; metrics: MetricPlace[] }[] {
  const left = new Set([...names].filter((name) => !LEFT_OUT.has(name)))
  const groups = GROUPS.map((group) => {
    const metrics = Object.entries(KNOWN[group]).flatMap(([name, [title, definition, format]]) =>
      left.delete(name) ? [{ name, title, definition, format }] : [],
    )
    return { group, metrics }
  })
  for (const name of [...left].sort()) {
    const isPart = name.startsWith('reward.')
    const title = isPart ? `Reward: ${inWords(name.slice('reward.'.length))}` : name
    const definition = isPart
      ? 'Mean of this part of the reward, before weighting.'
      : `The metric ‘${name}’ of each step.`
    groups[isPart ? 0 : groups.length - 1].metrics.push({ name, title, definition, format: number })
  }
  return groups.filter(({ metrics }) => metrics.length > 0)
}

/** 'overRefusal' to 'over refusal'. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

const GROUPS: MetricGroup[] = ['Reward', 'Safety', 'Thought and reasoning', 'Training']
