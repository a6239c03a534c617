/** Samples and scores groups of trajectories, one a prompt; groups whose rewards all tie can be replaced (DAPO). */
import type { RandomStream } from '../../../shared/random.ts'
import type { PromptItem, Trajectory } from '../../../shared/trajectory.ts'
import { hasSpread } from './advantages.ts'
import { drawPrompts, redraw, type DrawnPrompt, type PromptSources } from './promptDraw.ts'

/** One trajectory to be sampled. The three fields tell it from every other one of the run. */
export interface SampleRequest {
  /** Number of the batch, from 1. */
  step: number
  prompt: PromptItem
  sampleIndex: number
}

export interface Sampler {
  /** One trajectory for each request, in their order, not yet judged. Reads the weights as they are at the call. */
  sample(requests: readonly SampleRequest[], random: RandomStream): Promise<Trajectory[]>
  /** The same trajectories with verdicts, reward parts and reward; a null reward means that it could not be told. */
  score(trajectories: readonly Trajectory[]): Promise<Trajectory[]>
}

export interface GroupPlan {
  sources: PromptSources
  promptsPerStep: Readonly<Record<string, number>>
  samplesPerPrompt: number
  resampleRounds: number
}

interface Group {
  draw: DrawnPrompt
  trajectories: Trajectory[]
}

export interface SampledGroups {
  groups: Trajectory[][]
  /** Groups without spread that fresh ones took the place of. */
  replaced: Trajectory[][]
}

export async function sampleGroups(
  sampler: Sampler,
  plan: GroupPlan,
  step: number,
  random: RandomStream,
): Promise<SampledGroups> {
  const samplesSoFar = new Map<PromptItem, number>()
  const ofStep = random.fork('step', step)
  let groups = await sampleDraws(drawPrompts(plan.sources, plan.promptsPerStep, step, random), ofStep.fork('sample'))
  const replaced: Group[] = []
  for (let round = 1; round <= plan.resampleRounds; round++) {
    const flat = groups.filter(({ trajectories }) => !hasSpread(trajectories.map(({ reward }) => reward)))
    const draws = redraw(
      plan.sources,
      flat.map(({ draw }) => draw),
      new Set(samplesSoFar.keys()),
      ofStep.fork('redraw', round),
    )
    if (draws.length === 0) break
    const fresh = await sampleDraws(draws, ofStep.fork('resample', round))
    groups = groups.map((group) => {
      if (!flat.includes(group)) return group
      const index = fresh.findIndex(({ draw }) => draw.source === group.draw.source)
      if (index < 0) return group
      replaced.push(group)
      return fresh.splice(index, 1)[0]
    })
  }
  return {
    groups: groups.map(({ trajectories }) => trajectories),
    replaced: replaced.map(({ trajectories }) => trajectories),
  }

  async function sampleDraws(draws: readonly DrawnPrompt[], stream: RandomStream): Promise<Group[]> {
    const requests = draws.flatMap(({ prompt }) => {
      // A prompt that a small source gives twice in a step goes on counting its samples.
      const first = samplesSoFar.get(prompt) ?? 0
      samplesSoFar.set(prompt, first + plan.samplesPerPrompt)
      return Array.from({ length: plan.samplesPerPrompt }, (_, i) => ({
        step: step + 1,
        prompt,
        sampleIndex: first + i,
      }))
    })
    const scored = await sampler.score(await sampler.sample(requests, stream))
    return draws.map((draw, g) => ({
      draw,
      trajectories: scored.slice(g * plan.samplesPerPrompt, (g + 1) * plan.samplesPerPrompt),
    }))
  }
}
