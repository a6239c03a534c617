/** What a screen asks for when it opens, with its three states: on its way, there, refused. */
import { onMounted, onUnmounted, ref, shallowRef, watch, type Ref, type ShallowRef, type WatchSource } from 'vue'
import type { RpcError } from '../../shared/rpc/method.ts'
import { asRpcError, listen } from './client.ts'

export interface Loaded<T> {
  value: ShallowRef<T | undefined>
  error: ShallowRef<RpcError | null>
  isLoading: Ref<boolean>
  reload: () => Promise<void>
}

/**
 * Loads when the component is mounted, when `sources` change and when a lost connection is there again. The last value
 * stays while a new one is on its way; an answer that was overtaken by a later question is dropped.
 */
export function useLoad<T>(load: () => Promise<T>, sources: WatchSource[] = []): Loaded<T> {
  const value = shallowRef<T>()
  const error = shallowRef<RpcError | null>(null)
  const isLoading = ref(true)
  let asked = 0

  async function reload(): Promise<void> {
    const question = ++asked
    isLoading.value = true
    try {
      const answer = await load()
      if (question !== asked) return
      value.value = answer
      error.value = null
    } catch (failure) {
      if (question === asked) error.value = asRpcError(failure)
    }
    if (question === asked) isLoading.value = false
  }

  let end: (() => void) | undefined
  onMounted(() => {
    void reload()
    end = listen((pushed) => {
      if (pushed.type === 'reconnected') void reload()
    })
  })
  onUnmounted(() => end?.())
  if (sources.length > 0) watch(sources, () => void reload())
  return { value, error, isLoading, reload }
}
