/** What was asked, what was compared, on which model and data. */
import type { Arm, LoraConfig, SafetyReward } from '../../../shared/arms.ts'
import { listOf } from '../../../shared/figureText.ts'
import type { StudyConfig } from '../../../shared/study.ts'
import type { ReportFacts } from '../facts.ts'
import { html, named, type Html } from '../html.ts'
import { facts, table } from '../table.ts'
import { count, duration, plural, withoutFolders } from '../words.ts'

/** Lines of a file that are named; the others are counted. */
const LINES_NAMED = 8

export function isTrained({ arms }: Pick<StudyConfig, 'arms'>): boolean {
  return arms.some(({ method }) => method !== 'base')
}

export function question({ run: { config } }: ReportFacts): Html {
  const asked = isTrained(config)
    ? 'Does this training make a reasoning model safer, in its thoughts as well as in its answers, without costing ' +
      'it its reasoning?'
    : 'How safe is this model, in its thoughts as well as in its answers, and how well does it reason?'
  const described = config.description.trim() === '' ? null : html`<p><bdi>${config.description}</bdi></p>`
  return html`<p>${asked}</p>${described}
<p>A reasoning model writes a thought (t) before its answer (y). A person who uses it often sees only the answer.
So thought, answer, and both
together (t+y) are judged apart: a model may think through a harmful plan and then hide it behind a safe answer.</p>`
}

export function compared({ run: { config }, arms }: ReportFacts): Html {
  const rows = config.arms.map((arm) => {
    const own = arms.filter(({ name }) => name === arm.name)
    const done = own.filter(({ state }) => state === 'done').length
    return [
      named(arm.name),
      named(armWords(arm), 1500),
      own.map(({ seed }) => seed).join(', '),
      own.some(({ steps }) => steps > 0) ? count(Math.max(...own.map(({ steps }) => steps))) : '–',
      done === own.length ? 'done' : `${done} of ${own.length} seeds done`,
      timeOf(own),
    ]
  })
  return table({
    caption: 'What was compared',
    head: ['Arm', 'What was done', 'Seeds', 'Optimizer steps', 'State', 'Wall time, all seeds'],
    rows,
  })
}

/** Of all seeds together; nothing where it was not kept of each. */
function timeOf(own: ReportFacts['arms']): string {
  const times = own.flatMap(({ trainingSeconds, evaluationSeconds }) =>
    trainingSeconds === null || evaluationSeconds === null ? [] : [{ trainingSeconds, evaluationSeconds }],
  )
  if (times.length < own.length) return '–'
  const [training, evaluation] = [
    times.reduce((sum, { trainingSeconds }) => sum + trainingSeconds, 0),
    times.reduce((sum, { evaluationSeconds }) => sum + evaluationSeconds, 0),
  ]
  return [training > 0 ? `training ${duration(training)}` : '', `evaluation ${duration(evaluation)}`].filter((part) => part !== '').join(', ')
}

function armWords(arm: Arm): string {
  if (arm.method === 'base') {
    const parts = [
      arm.model === undefined ? 'the model as it is, untrained' : `the model ${withoutFolders(arm.model)}, untrained`,
      arm.adapter === undefined ? '' : `with the adapter ${withoutFolders(arm.adapter)}`,
      arm.thinking === undefined ? '' : arm.thinking ? 'asked to think' : 'asked not to think',
      arm.endpoint === undefined ? '' : 'answered by a server that is said to hold the same model',
    ]
    return parts.filter((part) => part !== '').join('; ')
  }
  if (arm.method === 'sft') {
    const length = arm.steps === undefined ? plural(arm.epochs, 'pass', 'passes') : plural(arm.steps, 'step')
    return (
      `supervised fine-tuning on “${arm.data}”: ${length} in batches of ${arm.batchSize}, learning rate ` +
      `${arm.learningRate}${loraWords(arm.lora)}`
    )
  }
  const { reward, kl } = arm
  const parts = [
    `reinforcement learning (${arm.algorithm}), ${plural(arm.steps, 'batch', 'batches')}`,
    `each of ${promptsWords(arm.promptsPerStep)} with ${plural(arm.samplesPerPrompt, 'sample')} of each prompt`,
    `learning rate ${arm.learningRate}`,
    `reward for safety of ${safetyWords(reward.safety)} (weight ${reward.safety.weight}), for right answers ` +
      `(${reward.reasoning})`,
    `taken off for refusing the harmless (${reward.overRefusalPenalty})`,
    kl.coefficient === 0 ? 'no KL' : `KL ${kl.estimator} with ${kl.coefficient}`,
  ]
  return parts.join('; ') + loraWords(arm.lora)
}

/** '14 prompts of “harmful” and 8 of “benign”'. */
function promptsWords(promptsPerStep: Record<string, number>): string {
  return listOf(
    Object.entries(promptsPerStep).map(([source, prompts], i) => {
      const many = i === 0 ? plural(prompts, 'prompt') : count(prompts)
      return `${many} of “${source}”`
    }),
  )
}

function safetyWords(safety: SafetyReward): string {
  const words = { thought: 'the thought', response: 'the answer', whole: 'thought and answer together' }
  if (safety.component !== 'composed') return words[safety.component]
  return `${Object.keys(safety.parts).join(' and ')} (${safety.rule})`
}

function loraWords(lora: LoraConfig | null): string {
  return lora === null ? '; all weights' : `; an adapter of rank ${lora.rank} over frozen weights`
}

export function modelAndData({ planned, sources, run: { config } }: ReportFacts): Html {
  const model = facts('The model', [
    ['Name', named(withoutFolders(planned.name))],
    ['Architecture', named(planned.architecture)],
    ['Parameters', count(planned.parameters)],
    ['Context', plural(planned.contextTokens, 'token')],
    ['Chat template from', named(planned.chatTemplate)],
    ['SHA-256 of the weights', html`<code>${planned.hash}</code>`],
  ])
  const harbor = planned.name === 'harbor' || Object.values(config.data).some((source) => 'harbor' in source)
  const about = harbor
    ? html`<p class="note">Harbor is the model and the world that come with Reflectory: small, and invented. Its
substances, devices and victims do not exist. Its texts have no file and no hash of their own: the same version of the
program makes the same texts.</p>`
    : null
  const rows = sources.map(({ name, origin, rows: all, used, tooLong, unreadable }) => [
    named(name),
    roleOf(config, name),
    named(withoutFolders(origin)),
    usesOf(config, name),
    count(all),
    count(used),
    count(tooLong),
    count(unreadable.length),
  ])
  const head = ['Name', 'Role', 'From', 'Used for', 'Rows', 'Used', 'Too long', 'Unreadable']
  const files = sources.flatMap(({ name, hash }): [Html, Html][] =>
    hash === null ? [] : [[named(name), html`<code>${hash}</code>`]],
  )
  const hashes = files.length === 0 ? null : facts('SHA-256 of the files', files)
  return html`${model}${about}${table({ caption: 'The data', head, rows })}${hashes}${unreadableRows(sources)}`
}

function roleOf(config: StudyConfig, name: string): string {
  if (!Object.hasOwn(config.data, name)) return '–'
  const source = config.data[name]
  const role = 'harbor' in source ? source.harbor : source.role
  return source.split === 'all' ? role : `${role}, ${source.split}`
}

/** What arms train on and what they are evaluated on, by the names of the sources. */
export function trainingSources(config: StudyConfig): string[] {
  return config.arms.flatMap((arm) =>
    arm.method === 'sft' ? [arm.data] : arm.method === 'rl' ? Object.keys(arm.promptsPerStep) : [],
  )
}

function usesOf(config: StudyConfig, name: string): string {
  const uses = []
  if (trainingSources(config).includes(name)) uses.push('training')
  if (config.evaluation.sources.includes(name)) uses.push('evaluation')
  return uses.join(', ') || 'nothing'
}

function unreadableRows(sources: ReportFacts['sources']): Html | null {
  const found = sources.filter(({ unreadable }) => unreadable.length > 0)
  if (found.length === 0) return null
  return html`<ul>${found.map(({ name, unreadable }) => {
    const lines = unreadable.slice(0, LINES_NAMED).map(({ line }) => line)
    const more = unreadable.length - lines.length
    return html`<li>Left out of ${named(name)} because they could not be read:
${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}.</li>`
  })}</ul>`
}
