/** A person's label and note of one trajectory: kept by itself, a moment after typing and whenever it is left. */
import { ref, watch } from 'vue'
import type { TrajectoryDetail } from '../../../shared/rpc/trajectories.ts'
import { asRpcError, client } from '../../api/client.ts'
import { useToasts } from '../../stores/toasts.ts'

/** Pause in typing after which it is saved. */
const PAUSE_MS = 800

/** A label and whether there is a note, as a list shows them. */
export interface Labelled {
  id: number
  label: string | null
  hasNote: boolean
}

/** `onSaved` is told after each save, also when the screen is gone by then. What cannot be saved is said in a toast and tried again with the next change. */
export function useAnnotation({ row, note: noteBefore }: Pick<TrajectoryDetail, 'row' | 'note'>, onSaved: (labelled: Labelled) => void) {
  const label = ref<string | null>(row.label ?? '')
  const note = ref<string | null>(noteBefore)
  const state = ref<'' | 'saved'>('')
  const toasts = useToasts()
  let pause: ReturnType<typeof setTimeout> | undefined

  const current = () => ({ label: (label.value ?? '').trim(), note: note.value ?? '' })
  let kept = JSON.stringify(current())
  const isKept = () => JSON.stringify(current()) === kept
  /** One after the other, so that an older text never comes last. */
  let last: Promise<void> = Promise.resolve()

  function save(): Promise<void> {
    clearTimeout(pause)
    last = last.then(saveNow)
    return last
  }
  async function saveNow(): Promise<void> {
    if (isKept()) return
    const written = current()
    const label = written.label === '' ? null : written.label
    try {
      await client.annotate({ id: row.id, label, note: written.note })
      kept = JSON.stringify(written)
      state.value = isKept() ? 'saved' : ''
      onSaved({ id: row.id, label, hasNote: written.note !== '' })
    } catch (failure) {
      state.value = ''
      toasts.fail(asRpcError(failure))
    }
  }

  watch([label, note], () => {
    state.value = ''
    clearTimeout(pause)
    pause = setTimeout(() => void save(), PAUSE_MS)
  })
  return { label, note, state, save }
}
