/** Something that a person sets off where it is shown: busy while it lasts, and a failure stays beside it. */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { RpcError } from '../../shared/rpc/method.ts'
import { asRpcError } from './client.ts'

export interface Attempt {
  /** Does nothing while another one is under way. */
  run: (act: () => Promise<void>) => Promise<void>
  isBusy: Ref<boolean>
  error: ShallowRef<RpcError | null>
}

export function useAttempt(): Attempt {
  const isBusy = ref(false)
  const error = shallowRef<RpcError | null>(null)
  async function run(act: () => Promise<void>): Promise<void> {
    if (isBusy.value) return
    isBusy.value = true
    error.value = null
    try {
      await act()
    } catch (failure) {
      error.value = asRpcError(failure)
    }
    isBusy.value = false
  }
  return { run, isBusy, error }
}
