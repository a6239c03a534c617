/** Studies on their way to be run, kept current by what the services push. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { QueueEntry } from '../../shared/rpc/runs.ts'
import { client, listen } from '../api/client.ts'

export const useQueue = defineStore('queue', () => {
  const entries = ref<QueueEntry[]>([])
  const isKnown = ref(false)

  async function load(): Promise<void> {
    entries.value = await client.listQueue({})
    isKnown.value = true
  }
  // The store lives as long as the window.
  listen((pushed) => {
    if (pushed.type === 'queueChanged') entries.value = pushed.queue
    if (pushed.type === 'reconnected') void load().catch(() => undefined)
  })
  void load().catch(() => undefined)
  /** Whether this run waits to be resumed, or is just being begun again. */
  function isOnItsWay(runId: string): boolean {
    return entries.value.some(({ runId: id, state }) => id === runId && (state === 'waiting' || state === 'checking'))
  }
  return { entries, isKnown, load, isOnItsWay }
})
