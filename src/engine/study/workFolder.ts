/** What a study keeps on the disk so that it can go on later: where everything lies, and what it was started with. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ReflectoryError } from '../../shared/errors.ts'
import { ArmSeconds } from '../../shared/events.ts'
import { armFolder, trainedModelIn } from '../../shared/runFolders.ts'
import { readJson, readJsonIfPresent } from '../model/jsonFile.ts'
import { diskError, writeFileAtomically } from '../model/writeWhole.ts'
import type { Fit } from './memory.ts'
import type { StudyPlan } from './plan.ts'

/** What a study must find unchanged when it goes on. */
const FitRecord: z.ZodType<Fit> = z.strictObject({ tokensPerMicroBatch: z.int().min(1), recompute: z.boolean() })
const Origin = z.strictObject({
  model: z.string(),
  /** Hashes of other models by arm. Absent where the study is older than these. */
  armModels: z.record(z.string(), z.string()).optional(),
  sources: z.record(z.string(), z.string().nullable()),
  /** Versions by name. */
  judges: z.record(z.string(), z.string()),
  /** Other micro-batches would round other sums. */
  fits: z.record(z.string(), FitRecord),
  /** Absent where the study is older than the times of its arms. */
  timesArms: z.literal(true).optional(),
})
const Elapsed = z.strictObject({ seconds: z.number().min(0) })

export class WorkFolder {
  readonly folder: string
  /** How each trained arm fits into memory, as it was when the study began. */
  readonly fits: StudyPlan['fits']

  private readonly timesArms: boolean

  private constructor(folder: string, { fits, timesArms }: Pick<z.infer<typeof Origin>, 'fits' | 'timesArms'>) {
    this.folder = folder
    this.fits = fits
    this.timesArms = timesArms === true
  }

  /** Makes the folder of a new study. Throws `disk` where it holds one already or cannot be written. */
  static create(folder: string, plan: StudyPlan): WorkFolder {
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      const remedy = 'Resume the run that it belongs to (on the command line --resume), or take another data folder.'
      throw new ReflectoryError('disk', folder, 'the folder of the study is not empty', remedy)
    }
    makeFolder(folder)
    const origin = originOf(plan)
    writeJson(originFile(folder), origin)
    return new WorkFolder(folder, origin)
  }

  /** Opens the folder of an interrupted study. Throws where model, data or judges are no longer what they were. */
  static reopen(folder: string, plan: StudyPlan): WorkFolder {
    const file = originFile(folder)
    const kept = readJson(file, Origin, 'Start the study anew instead of resuming it.')
    const now = originOf(plan)
    const source = Object.keys(now.sources).find((name) => kept.sources[name] !== now.sources[name])
    const judge = Object.keys(now.judges).find((name) => kept.judges[name] !== now.judges[name])
    const arm = [...plan.armModels.keys()].find((name) => kept.armModels?.[name] !== now.armModels?.[name])
    const other = arm === undefined ? undefined : plan.armModels.get(arm)?.model.folder
    const changed =
      kept.model !== now.model ? plan.model.folder : other !== undefined ? other : source ? `data.${source}` : judge && `the judge ${judge}`
    if (changed !== undefined) {
      const problem = 'it has changed since the study was interrupted'
      throw new ReflectoryError('bad-study', changed, problem, 'Start the study anew instead of resuming it.')
    }
    return new WorkFolder(folder, kept)
  }

  arm(name: string, seed: number): ArmFolder {
    return new ArmFolder(armFolder(this.folder, name, seed), this.timesArms)
  }

  /** Seconds that the study has taken before this process, as far as it was written down. */
  readElapsed(): number {
    return readJsonIfPresent(join(this.folder, 'elapsed.json'), Elapsed)?.seconds ?? 0
  }

  writeElapsed(seconds: number): void {
    writeJson(join(this.folder, 'elapsed.json'), { seconds })
  }
}

/** One arm of one seed. */
export class ArmFolder {
  private readonly folder: string
  private readonly isTimed: boolean

  constructor(folder: string, isTimed: boolean) {
    this.folder = folder
    this.isTimed = isTimed
  }

  get checkpoints(): string {
    return join(this.folder, 'checkpoints')
  }

  /** The trained model, in Hugging Face format; there once training is over. */
  get model(): string {
    return trainedModelIn(this.folder)
  }

  isTrained(): boolean {
    return existsSync(this.model)
  }

  /** What the arm has taken so far, as far as it was written down; null where the study began before that was done. */
  readSeconds(): ArmSeconds | null {
    const none = this.isTimed ? { training: 0, evaluation: 0 } : null
    return readJsonIfPresent(join(this.folder, 'seconds.json'), ArmSeconds) ?? none
  }

  writeSeconds(seconds: ArmSeconds): void {
    makeFolder(this.folder)
    writeJson(join(this.folder, 'seconds.json'), seconds)
  }

  /** Optimizer moments are needed no more once the model is written. */
  removeCheckpoints(): void {
    rmSync(this.checkpoints, { recursive: true, force: true })
  }
}

function originFile(folder: string): string {
  return join(folder, 'origin.json')
}

function originOf({ model, armModels, data, judges, fits }: StudyPlan): z.infer<typeof Origin> {
  return {
    model: model.hash,
    armModels: Object.fromEntries([...armModels].map(([arm, other]) => [arm, other.model.hash])),
    sources: Object.fromEntries(data.reports.map(({ name, hash }) => [name, hash])),
    judges: Object.fromEntries(judges.map(({ name, version }) => [name, version])),
    fits,
    timesArms: true,
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskError(folder, error)
  }
}

function writeJson(file: string, value: unknown): void {
  writeFileAtomically(file, (write) => write(new TextEncoder().encode(`${JSON.stringify(value)}\n`)))
}
