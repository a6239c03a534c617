/** Listens to what the services push while a component is there. */
import { onMounted, onUnmounted } from 'vue'
import type { Pushed } from '../../shared/rpc/pushed.ts'
import { listen } from './client.ts'

export function usePushed(listener: (pushed: Pushed) => void): void {
  let end: (() => void) | undefined
  onMounted(() => (end = listen(listener)))
  onUnmounted(() => end?.())
}
