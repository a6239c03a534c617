/** The study that is being set up: the form, its text, what is wrong with either, and the draft that is kept of it. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
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
  const draftName = ref('')
  /** Which of the two was changed while the other could not follow yet. What is ahead is never overwritten unasked. */
  const ahead = ref<'none' | 'form' | 'text'>('none')
  /** The fields wait until the text is a study again. */
  const isHeld = computed(() => ahead.value === 'text')
  const isTextBroken = computed(() => isHeld.value && textIssues.value.length > 0)
  /** A draft that is no study has a text, and no fields yet. */
  const isBegun = computed(() => form.value !== null || isHeld.value)
  const name = computed(() => form.value?.name ?? draftName.value)

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
  let isUnsaved = false

  /** A change by the form: the text follows. */
  function change(changed: StudyConfig): void {
    if (isHeld.value) return
    form.value = changed
    letTextFollow()
  }
  function letTextFollow(): void {
    ahead.value = 'form'
    textIssues.value = []
    // An answer about the text as it was must not come back as fields.
    asked += 1
    clearTimeout(textTimer)
    textTimer = setTimeout(() => void writeText(), TEXT_AFTER_MS)
    saveSoon()
  }
  async function writeText(): Promise<void> {
    const question = ++asked
    if (study.value === null) return
    const formatted = await client.formatStudy({ study: study.value }).catch(() => null)
    if (formatted === null || question !== asked) return
    text.value = formatted.text
    ahead.value = 'none'
  }

  /** A change by the text: the form follows, as soon as the text is a study. */
  function changeText(changed: string): void {
    text.value = changed
    ahead.value = 'text'
    // An answer that is still on its way must not take it back.
    asked += 1
    clearTimeout(textTimer)
    textTimer = setTimeout(() => void readText(), TEXT_AFTER_MS)
    saveSoon()
  }
  async function readText(): Promise<void> {
    const question = ++asked
    try {
      const read = await client.parseStudyText({ text: text.value })
      if (question !== asked) return
      textIssues.value = read.issues
      if (read.study === null) return
      form.value = read.study
      ahead.value = 'none'
    } catch (failure) {
      if (question !== asked) return
      const { problem, remedy } = asRpcError(failure)
      textIssues.value = [{ path: [], line: null, message: problem, remedy }]
    }
  }
  /** Gives up a text that is no study: it becomes again what the fields say. */
  function takeFieldsBack(): void {
    if (form.value !== null) letTextFollow()
  }

  function begin(chosen: StudyConfig | null, chosenText: string): void {
    asked += 1
    clearTimeout(textTimer)
    clearTimeout(draftTimer)
    isUnsaved = false
    form.value = chosen
    text.value = chosenText
    ahead.value = chosen === null ? 'text' : 'none'
    textIssues.value = []
    draftId.value = null
    savedAt.value = null
    step.value = 'model'
    // What comes without a text is kept as a draft by itself.
    if (chosenText === '' && chosen !== null) letTextFollow()
  }
  /** Goes on with a draft. One that is no study and no form either is shown as text alone, with what is wrong. */
  async function open(draft: { id: string; name: string; text: string; savedAt: string }): Promise<void> {
    const read = await client.parseStudyText({ text: draft.text })
    const half = read.study ?? HalfDone.safeParse(parseJson(draft.text)).data ?? null
    begin(half, draft.text)
    if (read.study === null && half !== null) ahead.value = 'form'
    if (half === null) textIssues.value = read.issues
    draftId.value = draft.id
    draftName.value = draft.name
    savedAt.value = draft.savedAt
  }

  function saveSoon(): void {
    isUnsaved = true
    clearTimeout(draftTimer)
    draftTimer = setTimeout(() => void saveDraft(), DRAFT_AFTER_MS)
  }
  async function saveDraft(): Promise<void> {
    if (!isBegun.value) return
    isUnsaved = false
    const kept = ahead.value === 'form' ? JSON.stringify(form.value, null, 2) : text.value
    try {
      const draft = await client.saveDraft({ id: draftId.value, name: name.value.slice(0, 200), text: kept })
      draftId.value = draft.id
      savedAt.value = draft.savedAt
      draftProblem.value = ''
    } catch (failure) {
      draftProblem.value = asRpcError(failure).problem
    }
  }

  /** Back to the choice of a beginning; `drop` deletes the draft, which has become a run. */
  async function leave(drop: boolean): Promise<void> {
    clearTimeout(draftTimer)
    clearTimeout(textTimer)
    if (!drop && isUnsaved) await saveDraft()
    if (drop && draftId.value !== null) await client.deleteDraft({ id: draftId.value }).catch(() => undefined)
    asked += 1
    form.value = null
    ahead.value = 'none'
    textIssues.value = []
    draftId.value = null
    savedAt.value = null
  }

  const texts = { text, textIssues, isHeld, isTextBroken, changeText, takeFieldsBack }
  const drafts = { draftId, savedAt, draftProblem, open, leave }
  const fields = { form, name, isBegun, study, issues, issuesOf, messagesAt, field, get, set, change }
  return { ...fields, step, begin, ...texts, ...drafts }
})

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
