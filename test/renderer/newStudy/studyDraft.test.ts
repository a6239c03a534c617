/** The form of a study and its text side by side: which follows which, and what the draft keeps. */
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkStudyText } from '../../../src/host/readStudy.ts'
import { formatStudy } from '../../../src/host/services/formatStudy.ts'
import { presets } from '../../../src/host/services/presets.ts'
import { useStudyForm } from '../../../src/renderer/features/newStudy/useStudyForm.ts'
import type { StudyConfig } from '../../../src/shared/study.ts'

interface Saved {
  id: string | null
  name: string
  text: string
}
const saved = vi.hoisted((): Saved[] => [])

vi.mock('../../../src/renderer/api/client.ts', () => ({
  client: {
    parseStudyText: async ({ text }: { text: string }) => checkStudyText(text),
    formatStudy: async ({ study }: { study: StudyConfig }) => ({ text: formatStudy(study) }),
    saveDraft: async (draft: Saved) => {
      saved.push(draft)
      return { ...draft, id: draft.id ?? 'one', savedAt: '2026-01-01T00:00:00Z' }
    },
    deleteDraft: async () => ({}),
  },
  asRpcError: (failure: unknown) => ({ problem: String(failure), remedy: '' }),
}))

const [preset] = presets()
const broken = preset.text.replace('method: sft', 'method: sft\n    epochs: 0')
const SOON_MS = 400
const LATER_MS = 2000

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  saved.length = 0
})
afterEach(() => vi.useRealTimers())

test('a text that is no study is neither overwritten by the form nor by its draft', async () => {
  expect(broken).not.toBe(preset.text)
  const form = useStudyForm()
  form.begin(preset.study, preset.text)
  form.changeText(broken)
  form.set(['description'], 'typed before the text was read')
  await vi.advanceTimersByTimeAsync(LATER_MS)
  form.set(['description'], 'typed afterwards')
  await vi.advanceTimersByTimeAsync(LATER_MS)
  expect(form.isTextBroken).toBe(true)
  expect(form.text).toBe(broken)
  expect(form.form).toEqual(preset.study)
  expect(saved.at(-1)).toEqual({ id: null, name: preset.study.name, text: broken })
})

test('the draft of a text that is no study opens as that text, without fields of another study', async () => {
  const form = useStudyForm()
  await form.open({ id: 'one', name: 'mine', text: broken, savedAt: '2026-01-01T00:00:00Z' })
  expect([form.form, form.name, form.text, form.isTextBroken]).toEqual([null, 'mine', broken, true])
  form.set(['description'], 'anything')
  form.changeText(`${broken}\n`)
  await vi.advanceTimersByTimeAsync(LATER_MS)
  expect(saved).toEqual([{ id: 'one', name: 'mine', text: `${broken}\n` }])
  form.changeText(preset.text)
  await vi.advanceTimersByTimeAsync(SOON_MS)
  expect([form.form?.name, form.isHeld]).toEqual([preset.study.name, false])
})

test('the fields are taken back only when asked, and the text follows them again', async () => {
  const form = useStudyForm()
  form.begin(preset.study, preset.text)
  form.changeText(broken)
  await vi.advanceTimersByTimeAsync(SOON_MS)
  form.takeFieldsBack()
  await vi.advanceTimersByTimeAsync(LATER_MS)
  expect([form.isHeld, form.textIssues]).toEqual([false, []])
  expect(form.text).toBe(formatStudy(preset.study))
  form.set(['description'], 'after')
  await vi.advanceTimersByTimeAsync(LATER_MS)
  expect(form.text).toContain('description: after')
})

test('what was changed just before leaving is in the draft, and nothing is kept of what was not touched', async () => {
  const form = useStudyForm()
  form.begin(preset.study, preset.text)
  await form.leave(false)
  expect(saved).toEqual([])
  form.begin(preset.study, preset.text)
  form.set(['description'], 'at the last moment')
  await form.leave(false)
  expect(checkStudyText(saved[0].text).study?.description).toBe('at the last moment')
  expect(form.isBegun).toBe(false)
})
