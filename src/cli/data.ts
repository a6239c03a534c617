/** `reflectory data add, list, show, remove, check`: files with prompts and training pairs. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { addDataSet, findDataSet, nameOfFile, openDataSet } from '../host/dataSets.ts'
import { frugalEngine, type LaunchEngine } from '../host/engineChild.ts'
import { startEngine } from '../host/engineProcess.ts'
import { hideTexts } from '../shared/contamination.ts'
import { mayHoldHarm, partWords, roleMeanings } from '../shared/dataSetWords.ts'
import { ReflectoryError } from '../shared/errors.ts'
import type { DatasetDetail } from '../shared/inspection.ts'
import { ColumnMapping, Encoding, SourceRole } from '../shared/sources.ts'
import { deleteDataset, listDatasets } from '../store/library.ts'
import { openStore } from '../store/openStore.ts'
import type { Ask } from './ask.ts'
import { contaminationReport, dataSetReport } from './dataReport.ts'
import { columnOption, readOptions } from './optionValues.ts'
import { withStore } from './records.ts'
import { printable, textTable } from './textTable.ts'

const Common = z.object({ store: z.string(), json: z.boolean().default(false) })
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const AddOptions = Common.extend({
  name: z.string().trim().min(1).max(80).optional(),
  role: SourceRole.optional(),
  column: ColumnMapping.default({}),
  encoding: Encoding.optional(),
  licence: z.string().max(2000).default(''),
  skipBad: z.boolean().default(false),
  showHarmful: z.boolean().default(false),
  yes: z.boolean().default(false),
})
type AddOptions = z.infer<typeof AddOptions>

/** First rows that are shown. */
const EXAMPLES = 3

interface Question extends Pick<AddOptions, 'role' | 'encoding' | 'skipBad'> {
  file: string
  columns: ColumnMapping
}

type Look = (question: Question) => Promise<DatasetDetail>

/** @param ask null where there is nobody to ask: what is not clear is refused then, with the flag that answers it */
export async function addCommand(files: readonly string[], raw: unknown, ask: Ask | null, launch?: LaunchEngine): Promise<void> {
  const options = readOptions(AddOptions, raw, 'data add')
  checkNames(files, options)
  const store = openStore(resolve(options.store))
  const engine = startEngine(launch ?? frugalEngine())
  const look: Look = async ({ file, role, columns, encoding }) =>
    (await engine.request({ type: 'inspectDataset', file, role, columns, encoding, examples: EXAMPLES }).reply).detail
  const asking = options.json || options.yes ? null : ask
  try {
    const added: unknown[] = []
    for (const given of files) {
      const asked = { file: resolve(given), role: options.role, columns: options.column, encoding: options.encoding, skipBad: options.skipBad }
      const settled = await settle(asked, look, asking, options)
      if (settled === null) {
        print(`${printable(given)} was not added`)
        continue
      }
      const { detail, question } = settled
      const { file, encoding = null, skipBad } = question
      const wanted = { name: options.name ?? nameOfFile(file), file, licence: options.licence, encoding, skipBad }
      const { name, role, columns } = addDataSet(store, wanted, detail, new Date().toISOString())
      added.push({ ...shown(detail, options.showHarmful), name, role, columns, licence: options.licence, encoding, skipBad })
      if (!options.json) print(`added as ${printable(name)}`)
    }
    if (options.json) print(JSON.stringify({ added }))
  } finally {
    await engine.close()
    store.close()
  }
}

/** Without a column for everything that is needed, the person is asked, or the file refused. Null: not to be added. */
async function settle(first: Question, look: Look, ask: Ask | null, options: AddOptions) {
  for (let question = first; ; ) {
    const detail = await look(question)
    const unclear = detail.problem?.unclear ?? null
    if (unclear !== null && ask !== null) {
      question = await clarify(question, unclear, detail.columns, ask)
      continue
    }
    if (detail.problem !== null) {
      const { problem, remedy } = detail.problem
      throw new ReflectoryError('bad-data', question.file, problem, remedy)
    }
    if (!options.json) print(dataSetReport(detail, options.showHarmful))
    if (ask === null) return { detail, question }
    const changed = await confirm(question, detail, ask)
    if (changed === 'yes') return { detail, question }
    if (changed === 'no') return null
    question = changed
  }
}

/** What the file has comes first: nobody can answer for a file that was not shown. */
async function clarify(
  question: Question,
  unclear: NonNullable<NonNullable<DatasetDetail['problem']>['unclear']>,
  columns: readonly string[],
  ask: Ask,
): Promise<Question> {
  const there = `${question.file} has the columns ${columns.map((name) => `"${name}"`).join(', ')}.`
  if (unclear.what === 'role') {
    const role = SourceRole.parse(await choose(`${there}\nWhat are its rows for?`, unclear.choices, roleMeanings, ask))
    return { ...question, role }
  }
  const words = ColumnMapping.keyof().safeParse(unclear.part)
  const part = words.success ? partWords[words.data] : unclear.part
  const column = await choose(`${there}\nWhich one holds the ${part}?`, unclear.choices, {}, ask)
  return { ...question, columns: columnOption(`${unclear.part}=${column}`, question.columns) }
}

/** @param meanings a line for each choice that needs one */
async function choose(question: string, choices: readonly string[], meanings: Record<string, string>, ask: Ask): Promise<string> {
  const width = Math.max(...choices.map((choice) => choice.length))
  const list = choices.map((choice, i) => {
    const meaning = Object.hasOwn(meanings, choice) ? meanings[choice] : ''
    return `  ${i + 1}  ${`${printable(choice).padEnd(width)}  ${meaning}`.trimEnd()}`
  })
  for (;;) {
    const answer = await ask(`${printable(question)}\n${list.join('\n')}\nNumber or name: `)
    const chosen = choices.includes(answer) ? answer : choices[Number(answer) - 1]
    if (chosen !== undefined) return chosen
  }
}

/** 'yes', 'no', or the question with what the person changed. */
async function confirm(question: Question, detail: DatasetDetail, ask: Ask): Promise<'yes' | 'no' | Question> {
  const bad = detail.unreadableRows ?? detail.unreadable.length
  const offer = bad > 0 && !question.skipBad ? `Add it without the ${bad} that cannot be used?` : 'Add it?'
  for (;;) {
    const answer = await ask(`${offer} [Y]es, [n]o, or a change such as text=question or role=benign: `)
    if (['', 'y', 'yes'].includes(answer.toLowerCase())) {
      if (bad > 0) question.skipBad = true
      return 'yes'
    }
    if (['n', 'no'].includes(answer.toLowerCase())) return 'no'
    const role = SourceRole.safeParse(/^role\s*=\s*(.*)$/.exec(answer)?.[1])
    if (role.success) return { ...question, role: role.data }
    try {
      const columns = columnOption(answer, question.columns)
      const named = answer.slice(answer.indexOf('=') + 1).trim()
      // Options may be several columns.
      if (detail.columns.includes(named) || named.includes(',')) return { ...question, columns }
      process.stderr.write(`There is no column "${printable(named)}".\n`)
    } catch (error) {
      if (!(error instanceof ReflectoryError)) throw error
      process.stderr.write(`${printable(error.message)}\n`)
    }
  }
}

function checkNames(files: readonly string[], { name }: AddOptions): void {
  if (name !== undefined && files.length > 1) {
    throw new ReflectoryError('bad-argument', '--name', 'one name cannot stand for several files', 'Add them one by one.')
  }
  const names = files.map(nameOfFile)
  const twice = names.find((each, i) => names.indexOf(each) !== i)
  if (twice === undefined) return
  throw new ReflectoryError('bad-argument', twice, 'two of these files would have this name', 'Add them one by one, with --name.')
}

/** Examples may be harmful; they leave only where they were asked for. */
function shown(detail: DatasetDetail, showHarmful: boolean): DatasetDetail {
  return mayHoldHarm(detail.role) && !showHarmful ? { ...detail, examples: [] } : detail
}

export function listDataCommand(raw: unknown): void {
  const { store: file, json } = Common.parse(raw)
  withStore(file, (store) => {
    const sets = listDatasets(store).map(({ id: _, detail, ...set }) => ({ ...set, format: detail.format, rows: detail.rows, used: detail.used, isThere: existsSync(set.file) }))
    if (json) return print(JSON.stringify(sets))
    if (sets.length === 0) return print('no data sets yet: reflectory data add FILE')
    const rows = sets.map(({ name, role, used, format, licence, isThere, file: path }) => [
      printable(name),
      role,
      used.toLocaleString('en'),
      format,
      printable(licence) || '–',
      `${printable(path)}${isThere ? '' : ' (gone)'}`,
    ])
    print(textTable(['name', 'role', 'rows used', 'format', 'licence', 'file'], rows, 'words'))
  })
}

const ShowOptions = Common.extend({ rows: z.number().max(20).default(0), showHarmful: z.boolean().default(false) })

/** With `rows` the file is read again, and refused where it has changed. */
export async function showDataCommand(name: string, raw: unknown, launch?: LaunchEngine): Promise<void> {
  const options = readOptions(ShowOptions, raw, 'data show')
  const found = withStore(options.store, (store) => ({ set: findDataSet(store, name), source: options.rows > 0 ? openDataSet(store, name) : null }))
  const { set, source } = found
  let detail: DatasetDetail = { ...set.detail, examples: [] }
  if (source !== null) {
    const engine = startEngine(launch ?? frugalEngine())
    try {
      const { file, role, columns, encoding } = source
      const request = { type: 'inspectDataset', file, role, columns, encoding, examples: options.rows } as const
      detail = (await engine.request(request).reply).detail
      if (detail.hash !== source.hash) {
        throw new ReflectoryError('bad-data', file, 'the file has changed since it was added to the list', 'Add it again: reflectory data add FILE')
      }
    } finally {
      await engine.close()
    }
  }
  const { licence, skipBad, encoding, role, columns } = set
  if (options.json) return print(JSON.stringify({ ...shown(detail, options.showHarmful), name, role, columns, licence, encoding, skipBad }))
  print(dataSetReport(detail, options.showHarmful, options.rows > 0))
  print(`  licence: ${licence === '' ? 'no note' : printable(licence)}`)
  print(`  SHA-256: ${detail.hash}`)
}

export function removeDataCommand(name: string, raw: unknown): void {
  const { store: file, json } = Common.parse(raw)
  withStore(file, (store) => {
    const { id, file: path } = findDataSet(store, name)
    deleteDataset(store, id)
    print(json ? JSON.stringify({ removed: name }) : `${printable(name)} is off the list; ${printable(path)} stays`)
  })
}

const CheckOptions = Common.extend({
  threshold: z.number().min(0.1).max(1).default(0.5),
  limit: z.number().default(50),
  showHarmful: z.boolean().default(false),
})

/** Looks for prompts that stand in two of the sets. */
export async function checkDataCommand(names: readonly string[], raw: unknown, launch?: LaunchEngine): Promise<void> {
  const { store: file, json, threshold, limit, showHarmful } = readOptions(CheckOptions, raw, 'data check')
  const sets = withStore(file, (store) => [...new Set(names)].map((name) => ({ name, source: openDataSet(store, name) })))
  const engine = startEngine(launch ?? frugalEngine())
  try {
    const { contamination } = await engine.request({ type: 'compareDatasets', sets, threshold, most: limit }).reply
    const visible = hideTexts(contamination, (set) => !showHarmful && mayHoldHarm(sets[set].source.role))
    print(json ? JSON.stringify(visible) : contaminationReport(visible))
  } finally {
    await engine.close()
  }
}
