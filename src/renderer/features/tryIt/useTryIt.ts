/** What was asked in Try it and what came of it, kept in memory until the window closes: another screen takes nothing away. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { isFoundUnsafe } from '../../../shared/harmfulText.ts'
import type { RpcError } from '../../../shared/rpc/method.ts'
import type { Output } from '../../../shared/rpc.ts'
import type { Speaker } from '../../../shared/rpc/tryIt.ts'
import type { TriedSample } from '../../../shared/tokens.ts'
import { asRpcError, client, listen } from '../../api/client.ts'
import { useSession } from '../../stores/session.ts'
import {
  branchInput,
  firstQuestion,
  judgeFor,
  placeOf,
  tryItInput,
  whatIsMissing,
  type Branch,
  type BranchPlace,
  type Question,
} from './question.ts'

/** The answers to one asking, which is hidden and revealed on its own. */
export interface Asking {
  /** The key of what is hidden, for example 'try 3'. */
  item: string
  /** Where it belongs: the typed prompt, or the place that was branched from. */
  place: string
  isHarmful: boolean
  output: Output<'tryIt'>
}

const typed = placeOf(null)

export const useTryIt = defineStore('tryIt', () => {
  const session = useSession()
  const question = ref<Question>({ ...firstQuestion })
  const speakers = ref<Speaker[]>([{ kind: 'model', model: 'harbor' }])
  const branchPlace = ref<BranchPlace | null>(null)
  const replacement = ref('')
  /** Whether what is branched from is a text to hide; null until its trajectory was read. */
  const branchIsHarmful = ref<boolean | null>(null)
  /** The model that each run is about, as its study has it; undefined until it was asked for. */
  const runModels = ref<Record<string, string>>({})
  const isBusy = ref(false)
  const progress = ref<{ done: number; total: number } | null>(null)
  const error = shallowRef<RpcError | null>(null)
  /** The typed prompt's, and the newest branch's. */
  const askings = shallowRef<Asking[]>([])
  let asked = 0

  const place = computed(() => placeOf(branchPlace.value))
  const branch = computed<Branch | null>(() =>
    branchPlace.value === null ? null : { ...branchPlace.value, replacement: replacement.value },
  )
  const modelsAsked = computed(() =>
    speakers.value.map((speaker) => (speaker.kind === 'model' ? speaker.model : runModels.value[speaker.runId])),
  )
  const judge = computed(() => judgeFor(question.value.judge, modelsAsked.value))
  const missing = computed(() =>
    branch.value !== null && branchIsHarmful.value === null
      ? 'Wait for the trajectory.'
      : whatIsMissing(question.value, speakers.value, branch.value),
  )
  /** What belongs to another place is not shown here. */
  const shown = computed(() => askings.value.find((asking) => asking.place === place.value) ?? null)
  const isHidden = computed(() => shown.value !== null && shown.value.isHarmful && !session.isRevealed(shown.value.item))

  /** Whether this sample's texts stay out of the page; `item` is its own key, `whole` that of its asking. */
  function hidesSample({ verdicts }: Pick<TriedSample, 'verdicts'>, item: string, whole: string): boolean {
    return isFoundUnsafe(verdicts) && !session.isRevealed(item) && !session.isRevealed(whole)
  }

  /** Where the address leads. Another place begins anew; the typed prompt, who answers and how stay. */
  function goTo(next: BranchPlace | null): void {
    if (placeOf(next) === place.value) return
    if (next?.trajectoryId !== branchPlace.value?.trajectoryId) branchIsHarmful.value = null
    branchPlace.value = next
    replacement.value = ''
    error.value = null
  }
  /** The trajectory that is branched from was read: its arm answers, unless another was chosen here before. */
  function begin(from: { speaker: Speaker; isHarmful: boolean }): void {
    if (branchIsHarmful.value === null) speakers.value = [from.speaker]
    branchIsHarmful.value = from.isHarmful
  }
  async function readRunModels(): Promise<void> {
    const ids = new Set(speakers.value.flatMap((speaker) => (speaker.kind === 'arm' ? [speaker.runId] : [])))
    for (const runId of ids) {
      if (runModels.value[runId] !== undefined) continue
      const { config } = await client.runDetail({ runId })
      runModels.value = { ...runModels.value, [runId]: config.model }
    }
  }

  async function ask(): Promise<void> {
    if (missing.value !== null || isBusy.value) return
    isBusy.value = true
    error.value = null
    progress.value = null
    const from = branch.value
    const here = place.value
    const isHarmful = from === null ? question.value.role === 'harmful' : branchIsHarmful.value !== false
    try {
      await readRunModels()
      const judged = { ...question.value, judge: judge.value }
      const output =
        from === null
          ? await client.tryIt(tryItInput(judged, speakers.value))
          : await client.branch(branchInput(judged, speakers.value, from))
      asked += 1
      const asking = { item: `try ${asked}`, place: here, isHarmful, output }
      askings.value = [asking, ...askings.value.filter((each) => (each.place === typed) !== (here === typed))]
    } catch (failure) {
      const refused = asRpcError(failure)
      if (refused.code !== 'cancelled') error.value = refused
    }
    isBusy.value = false
  }
  async function cancel(): Promise<void> {
    try {
      await client.cancelTryIt({})
    } catch (failure) {
      error.value = asRpcError(failure)
    }
  }
  // The store lives as long as the window.
  listen((pushed) => {
    if (pushed.type === 'tryItProgress') progress.value = { done: pushed.done, total: pushed.total }
  })

  const form = { question, speakers, replacement, branch, judge, modelsAsked, missing }
  const answers = { isBusy, progress, error, shown, isHidden }
  return { ...form, ...answers, branchIsHarmful, hidesSample, goTo, begin, readRunModels, ask, cancel }
})
