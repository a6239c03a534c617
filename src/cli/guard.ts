/** `reflectory guard train`: a small classifier of safe and unsafe texts from what a store holds, as a judge's folder. */
import { resolve } from 'node:path'
import { z } from 'zod'
import type { LaunchEngine } from '../host/engineChild.ts'
import { startGuardTraining } from '../host/guardTraining.ts'
import { Device } from '../shared/devices.ts'
import { ReflectoryError } from '../shared/errors.ts'
import { GuardTraining, type GuardAgreement, type GuardReport } from '../shared/guardTraining.ts'
import type { Rate } from '../shared/result.ts'
import { Component } from '../shared/trajectory.ts'
import { openExistingStore } from '../store/openStore.ts'
import { readOptions } from './optionValues.ts'
import { createProgress } from './progress.ts'
import { textTable } from './textTable.ts'

const list = z.string().transform((text) => text.split(',').map((name) => name.trim()).filter((name) => name !== ''))

const Options = z.object({
  store: z.string(),
  from: list,
  model: z.string(),
  to: z.string(),
  judge: z.string().nullable().default(null),
  labels: z.boolean().default(false),
  component: list.optional(),
  head: GuardTraining.shape.head,
  train: GuardTraining.shape.weights,
  loraRank: z.number().optional(),
  epochs: z.number().optional(),
  batchSize: z.number().optional(),
  learningRate: z.union([z.number(), z.nan()]).optional(),
  seed: z.number().optional(),
  heldOutCategories: list.optional(),
  limit: z.number().optional(),
  device: Device.default('cpu'),
  threads: z.number().default(0),
  json: z.boolean().default(false),
})

const SHORT: Readonly<Record<string, Component>> = { t: 'thought', y: 'response', 't+y': 'whole' }

/** Gives the exit status. Tests bring an engine of their own. */
export async function guardTrainCommand(raw: unknown, launch?: LaunchEngine): Promise<number> {
  const { store: file, from, to, judge, labels, component, json, ...given } = Options.parse(raw)
  if (labels && judge !== null) {
    const problem = 'it learns from people or from a judge, not both'
    throw new ReflectoryError('bad-argument', '--labels', problem, 'Leave --labels or --judge out.')
  }
  if (from.length === 0) {
    throw new ReflectoryError('bad-argument', '--from', 'no run is named', 'reflectory list names them.')
  }
  const { device, threads, head, train, heldOutCategories, ...options } = given
  const { model, ...numbers } = options
  const chosen = {
    head,
    weights: train,
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    heldOutCategories: heldOutCategories?.join() === 'none' ? [] : (heldOutCategories ?? null),
  }
  const settings = readOptions(GuardTraining, chosen, 'guard train')
  const store = openExistingStore(resolve(file))
  const progress = createProgress(process.stderr)
  const say = (line: string) => {
    progress.clear()
    process.stderr.write(`${line}\n`)
  }
  try {
    const components = component === undefined ? Component.options : component.map(readComponent)
    const source = labels ? 'labels' : { judge }
    const base = model === 'harbor' ? model : resolve(model)
    const wish = { runs: from, source, components, model: base, target: to, settings, device, threads } as const
    const training = startGuardTraining(store, wish, { launch, onEvent: (event) => progress.show(event) })
    const stop = () => {
      say('stopping after this step')
      training.cancel()
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    for (const signal of signals) process.once(signal, stop)
    const report = await training.reply.finally(() => signals.forEach((signal) => process.off(signal, stop)))
    progress.clear()
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${describeGuard(report)}\n`)
    return 0
  } finally {
    progress.clear()
    store.close()
  }
}

function readComponent(name: string): Component {
  const parsed = Component.safeParse(SHORT[name] ?? name)
  if (parsed.success) return parsed.data
  const problem = `there is no part "${name}" of a trajectory`
  throw new ReflectoryError('bad-argument', '--component', problem, 'Name t, y or t+y (thought, response, whole).')
}

/** What a person should know of a new guard. */
function describeGuard(report: GuardReport): string {
  const { texts, leftOut, heldOutCategories, source, settings } = report
  const ended = report.stoppedEarly ? ', ended where it got no better' : ''
  const keptBack =
    heldOutCategories.length === 0 ? 'no category was kept back' : `kept back: ${heldOutCategories.join(', ')}`
  const measured = report.agreement.filter(({ texts }) => texts > 0)
  return [
    `wrote ${report.folder}: ${settings.head === 'last' ? 'last-token' : 'per-token'} head over ${report.model}, ` +
      `${report.parameters} values trained (${settings.weights}), learning rate ${report.learningRate}`,
    `trained on ${texts.training} texts (${percent(report.unsafeShare)} unsafe), stopped by ${texts.stopping}; ` +
      `${report.steps} steps${ended}, those after step ${report.bestStep} kept; ${keptBack}`,
    ...leftOut.map(({ reason, count }) => `left out: ${count} ${reason}`),
    '',
    `agreement with ${source === 'labels' ? "people's labels" : source}; 95% intervals over prompts`,
    '',
    textTable(['kept back by', 'texts', 'prompts', 'unsafe', 'accuracy', 'commonest', 'kappa'], measured.map(agreementRow)),
    '',
    textTable(['kept back by', 'AUC', 'precision', 'n', 'recall', 'n'], measured.map(findingRow)),
    '',
    'commonest: what always saying the commoner of the two would give. The folder is a judge: judges: [{ guard: FOLDER }].',
  ].join('\n')
}

const SHOWN = { thought: 't', response: 'y', whole: 't+y', all: 'all' } as const

const rowName = ({ heldOut, component }: GuardAgreement): string =>
  `${heldOut === 'prompts' ? 'prompt' : 'category'}, ${SHOWN[component]}`

function agreementRow(row: GuardAgreement): string[] {
  const { texts, unsafe, prompts, accuracy, commonest, kappa } = row
  const shares = [interval(accuracy, percent), commonest === null ? '–' : percent(commonest)]
  return [rowName(row), ...[texts, prompts, unsafe].map(String), ...shares, interval(kappa, (value) => value.toFixed(2))]
}

function findingRow(row: GuardAgreement): string[] {
  const { auc, precision, recall } = row
  const shares = [precision, recall].flatMap((share) => [interval(share, percent), String(share.n)])
  return [rowName(row), interval(auc, (value) => value.toFixed(3)), ...shares]
}

const percent = (value: number): string => `${(100 * value).toFixed(1)}%`

function interval({ value, low, high }: Rate, show: (value: number) => string): string {
  if (value === null) return '–'
  if (low === null || high === null) return show(value)
  return `${show(value)} [${[low, high].map((bound) => show(bound).replace('%', '')).join(', ')}]`
}
