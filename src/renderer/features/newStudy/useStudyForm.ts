/** The study that is being set up: the form, its text, what is wrong with either, and the draft that is kept of it. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { z } from 'zod'
import type { StudyIssue } from '../../../shared/rpc/studies.ts'
import type { StudyConfig } from '../../../shared/study.ts'
import { asRpcError, client } from '../../api/client.ts'
import { fieldAt, type Path } from './fieldSchema.ts'
import { valueAt, withValue } from './studyEdits.ts'
import { checkForm, stepOf, type Step } from './studyIssues.ts'

const TEXT_AFTER_MS = 300
const DRAFT_AFTER_MS = 1200

/** A draft that was no valid study when it was saved: what the form held, wrong fields included. */
const HalfDone = z.custom<StudyConfig>((value) => {
  const shape = z.looseObject({ data: z.record(z.string(), z.looseObject({})), evaluation: z.looseObject({}) })
  return shape.extend({ arms: z.array(z.looseObject({ method: z.string() })) }).safeParse(value).success
})

export const useStudyForm = defineStore('studyForm', () => {
  /** Shaped like a study; single fields may be wrong. Null until something to start from was chosen. */
  const form = shallowRef<StudyConfig | null>(null)
  const text = ref('')
  const textIssues = shallowRef<StudyIssue[]>([])
  const step = ref<Step>('model')
  const draftId = ref<string | null>(null)
  const savedAt = ref<string | null>(null)
  const draftProblem = ref('')

  const checked = computed(() => (form.value ? checkForm(form.value) : { study: null, issues: [] }))
  const study = computed(() => checked.value.study)
  const issues = computed(() => checked.value.issues)
  const issuesOf = (name: Step) => issues.value.filter(({ path }) => stepOf(path) === name)

  /** Messages of a field, of what is in it too where `deep`. */
  function messagesAt(path: Path, deep = false): string[] {
    const isHere = (found: Path) => path.every((key, i) => found[i] === key) && (deep || found.length === path.length)
    return issues.value.filter((issue) => isHere(issue.path)).map(({ message }) => message)
  }
  const field = (path: Path) => fieldAt(form.value, path)
  const get = (path: Path) => valueAt(form.value, path)
  function set(path: Path, value: unknown): void {
    if (form.value) change(withValue(form.value, path, value))
  }

  let textTimer: ReturnType<typeof setTimeout> | undefined
  let draftTimer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  /** A change by the form: the text follows. */
  function change(changed: StudyConfig): void {
    form.value = changed
    textIssues.value = []
    clearTimeout(textTimer)
    textTimer = setTimeout(() => void writeText(), TEXT_AFTER_MS)
  }
  async function writeText(): Promise<void> {
    const question = ++asked
    if (study.value === null) return
    const formatted = await client.formatStudy({ study: study.value }).catch(() => null)
    if (formatted && question === asked) text.value = formatted.text
  }

  /** A change by the text: the form follows, as soon as the text is a study. */
  function changeText(changed: string): void {
    text.value = changed
    // An answer that is still on its way must not take it back.
    asked += 1
    clearTimeout(textTimer)
    textTimer = setTimeout(() => void readText(), TEXT_AFTER_MS)
  }
  async function readText(): Promise<void> {
    const question = ++asked
    try {
      const read = await client.parseStudyText({ text: text.value })
      if (question !== asked) return
      textIssues.value = read.issues
      if (read.study) form.value = read.study
    } catch (failure) {
      const { problem, remedy } = asRpcError(failure)
      textIssues.value = [{ path: [], line: null, message: problem, remedy }]
    }
  }

  function begin(chosen: StudyConfig, chosenText: string): void {
    form.value = chosen
    text.value = chosenText
    textIssues.value = []
    draftId.value = null
    savedAt.value = null
    step.value = 'model'
    if (chosenText === '') void writeText()
  }
  /** Goes on with a draft. One that is no study and no form either is shown as text, with what is wrong. */
  async function open(draft: { id: string; text: string; savedAt: string }, fallback: StudyConfig): Promise<void> {
    const read = await client.parseStudyText({ text: draft.text })
    const half = read.study ?? HalfDone.safeParse(parseJson(draft.text)).data ?? null
    begin(half ?? fallback, draft.text)
    if (half === null) textIssues.value = read.issues
    draftId.value = draft.id
    savedAt.value = draft.savedAt
  }

  async function saveDraft(): Promise<void> {
    if (form.value === null) return
    const isText = textIssues.value.length > 0 || study.value !== null
    const kept = isText ? text.value : JSON.stringify(form.value, null, 2)
    try {
      const draft = await client.saveDraft({ id: draftId.value, name: form.value.name.slice(0, 200), text: kept })
      draftId.value = draft.id
      savedAt.value = draft.savedAt
      draftProblem.value = ''
    } catch (failure) {
      draftProblem.value = asRpcError(failure).problem
    }
  }
  watch([form, text], (_now, [before]) => {
    // The first value is what was chosen: nothing has been done yet that would have to be kept.
    if (before === null) return
    clearTimeout(draftTimer)
    draftTimer = setTimeout(() => void saveDraft(), DRAFT_AFTER_MS)
  })

  /** Back to the choice of a beginning; `drop` deletes the draft, which has become a run. */
  async function leave(drop: boolean): Promise<void> {
    clearTimeout(draftTimer)
    if (!drop && savedAt.value !== null) await saveDraft()
    if (drop && draftId.value !== null) await client.deleteDraft({ id: draftId.value }).catch(() => undefined)
    form.value = null
    draftId.value = null
    savedAt.value = null
  }

  const texts = { text, textIssues, changeText }
  const drafts = { draftId, savedAt, draftProblem, open, leave }
  return { form, study, issues, issuesOf, messagesAt, field, get, set, change, step, begin, ...texts, ...drafts }
})

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
