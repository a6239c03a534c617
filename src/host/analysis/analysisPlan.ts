/** What an analysis needs of the store: which trajectories, which of their numbers, which models; and what it depends on. */
import { existsSync } from 'node:fs'
import { analysisVersions, type AnalysisRequest } from '../../shared/analysis.ts'
import type { AnalyzeRequest } from '../../shared/channel.ts'
import { ReflectoryError } from '../../shared/errors.ts'
import { evenly } from '../../shared/evenly.ts'
import { judgeFiles, type JudgeConfig } from '../../shared/judges.ts'
import type { Difference } from '../../shared/result.ts'
import { armFolder, trainedModelIn } from '../../shared/runFolders.ts'
import type { Speaker } from '../../shared/speaker.ts'
import { analysisIds, trajectoryState } from '../../store/analysisRows.ts'
import type { Store } from '../../store/openStore.ts'
import { findRun, listArms, type ArmRow } from '../../store/runs.ts'
import { needRun } from '../services/needRun.ts'
import { untrainedArm, voiceOf } from '../speakers.ts'
import { version } from '../version.ts'
import type { ExportPlan } from './exportRows.ts'
import { filesState } from './filesState.ts'

type OfTrajectories = Exclude<AnalysisRequest, { kind: 'memorisation' }>
type Memorisation = Extract<AnalysisRequest, { kind: 'memorisation' }>

export interface AnalysisPlan {
  /** Looks for the trajectories, which takes its time in a large store. Null where none are read. */
  choose(): Chosen | null
  engine: Pick<AnalyzeRequest, 'arms' | 'judge' | 'voices'>
  /** The run that it belongs to. */
  runId: string | null
  /** Changes when what it comes from does. */
  state: string
}

export interface Chosen {
  rows: ExportPlan
  /** How many were asked for; more than rows where only some of them are taken. */
  asked: number
}

/** Throws `bad-argument` where run, arm, judge or model are not there. */
export function planAnalysis(store: Store, request: AnalysisRequest): AnalysisPlan {
  return request.kind === 'memorisation' ? ofTexts(store, request) : ofTrajectories(store, request)
}

function ofTrajectories(store: Store, request: OfTrajectories): AnalysisPlan {
  const run = needRun(store, request.runId)
  const arms = chosenArms(listArms(store, run.id), request)
  const armIds = arms.map(({ id }) => id)
  const models = arms.map((arm) => {
    const untrained = untrainedArm(store, run.id, arm.name)
    return { model: untrained.model, folder: modelOf(run.workFolder, untrained.folder, arm) }
  })
  const usesModels = request.kind === 'entropy' && request.sameTexts > 0
  const judge = request.kind === 'outcomeReflection' ? judgeOf(run, request.judge) : null
  const files = [
    ...(usesModels ? models.flatMap(({ model, folder }) => [model, ...(folder === null ? [] : [folder])]) : []),
    ...(judge === null ? [] : judgeFiles([judge])),
  ]
  return {
    runId: run.id,
    choose: () => chosenRows(store, request, armIds),
    engine: {
      arms: arms.map(({ name, seed, method }, i) => ({ name, seed, method, ...models[i] })),
      judge,
      voices: [],
    },
    state: [...versionsOf(request), trajectoryState(store, armIds), filesState(files)].join('\n'),
  }
}

/** Of the program, and of what its analyses mean. */
function versionsOf({ kind }: AnalysisRequest): string[] {
  return [version, `${kind} ${analysisVersions[kind]}`]
}

function chosenRows(store: Store, request: OfTrajectories, armIds: readonly number[]): Chosen {
  const phases = request.kind === 'advantage' ? (['train'] as const) : ([...new Set(['train', request.phase] as const)])
  const found = phases.map((phase) => analysisIds(store, { armIds, phase, role: request.role, category: request.category }))
  const ids = found.flatMap((all) => (request.kind === 'outcomeReflection' ? evenly(all, request.trajectories) : all))
  return { rows: { ids, armIds, ...contents[request.kind] }, asked: found.reduce((sum, all) => sum + all.length, 0) }
}

const contents: Record<OfTrajectories['kind'], Pick<ExportPlan, 'numbers' | 'thoughts' | 'prompts'>> = {
  reflection: { numbers: ['tokens'], thoughts: true, prompts: false },
  outcomeReflection: { numbers: [], thoughts: true, prompts: true },
  entropy: { numbers: ['promptTokens', 'tokens', 'entropies'], thoughts: true, prompts: false },
  length: { numbers: ['tokens'], thoughts: false, prompts: false },
  advantage: { numbers: [], thoughts: false, prompts: false },
}

function chosenArms(all: readonly ArmRow[], { arms, seed, runId }: OfTrajectories): ArmRow[] {
  const stranger = arms?.find((name) => !all.some((arm) => arm.name === name))
  const names = [...new Set(all.map(({ name }) => name))].join(', ')
  if (stranger !== undefined) throw new ReflectoryError('bad-argument', stranger, `run ${runId} has no such arm`, `It has: ${names}.`)
  const seeds = [...new Set(all.map((arm) => arm.seed))]
  if (seed !== null && !seeds.includes(seed))
    throw new ReflectoryError('bad-argument', `seed ${seed}`, `run ${runId} has no such seed`, `It has: ${seeds.join(', ')}.`)
  return all.filter((arm) => (arms === null || arms.includes(arm.name)) && (seed === null || arm.seed === seed))
}

/** Null where training is not over. */
function modelOf(workFolder: string, untrained: string, { name, seed, method }: ArmRow): string | null {
  if (method === 'base') return untrained
  const folder = trainedModelIn(armFolder(workFolder, name, seed))
  return existsSync(folder) ? folder : null
}

function judgeOf({ judges, config, id }: ReturnType<typeof needRun>, wanted: string | null): JudgeConfig {
  const at = wanted === null ? 0 : judges.indexOf(wanted)
  if (at < 0) throw new ReflectoryError('bad-argument', wanted ?? '', `run ${id} has no such judge`, `It has: ${judges.join(', ')}.`)
  return config.judges[at]
}

function ofTexts(store: Store, request: Memorisation): AnalysisPlan {
  const runs = new Set(request.models.flatMap((speaker) => (speaker.kind === 'arm' ? [speaker.runId] : [])))
  const voices = request.models.map((speaker) => {
    const { name, folder } = voiceOf(store, speaker)
    if (speaker.kind === 'model') return { name, arm: null, folder, gain: null }
    const arm = runs.size > 1 ? `${speaker.runId}: ${speaker.arm}` : speaker.arm
    const hasSeeds = request.models.some((other) => other.kind === 'arm' && isOtherSeed(other, speaker))
    return { name: hasSeeds ? `${arm} (seed ${speaker.seed})` : arm, arm, folder, gain: gainOf(store, speaker) }
  })
  const files = [request.train, request.heldOut, request.paraphrased].flatMap((source) =>
    source !== null && 'file' in source ? [source.file] : [],
  )
  const gains = voices.map(({ name, gain }) => `${name} ${JSON.stringify(gain)}`)
  return {
    runId: request.models.flatMap((speaker) => (speaker.kind === 'arm' ? [speaker.runId] : []))[0] ?? null,
    choose: () => null,
    engine: { arms: [], judge: null, voices },
    state: [...versionsOf(request), filesState([...voices.map(({ folder }) => folder), ...files]), ...gains].join('\n'),
  }
}

function isOtherSeed(other: Extract<Speaker, { kind: 'arm' }>, { runId, arm, seed }: Extract<Speaker, { kind: 'arm' }>): boolean {
  return other.runId === runId && other.arm === arm && other.seed !== seed
}

/** How much safer the arm is than the base, on whole trajectories, over all seeds. */
function gainOf(store: Store, speaker: Extract<Speaker, { kind: 'arm' }>): Difference | null {
  const arm = findRun(store, speaker.runId)?.result?.arms.find(({ name }) => name === speaker.arm)
  return arm?.differences?.safety.whole ?? null
}
