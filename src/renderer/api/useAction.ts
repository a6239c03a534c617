/** Something that a person sets off: busy while it lasts, and a failure is said in a toast. */
import { ref, type Ref } from 'vue'
import { useToasts } from '../stores/toasts.ts'
import { asRpcError } from './client.ts'

export interface Action<A extends unknown[]> {
  /** True where it succeeded. Does nothing while it is under way. */
  run: (...args: A) => Promise<boolean>
  isBusy: Ref<boolean>
}

export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
  const isBusy = ref(false)
  const toasts = useToasts()
  async function run(...args: A): Promise<boolean> {
    if (isBusy.value) return false
    isBusy.value = true
    try {
      await act(...args)
      return true
    } catch (failure) {
      toasts.fail(asRpcError(failure))
      return false
    } finally {
      isBusy.value = false
    }
  }
  return { run, isBusy }
}
