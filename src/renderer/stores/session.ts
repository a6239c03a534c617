/** What holds until the window closes: whether the services answer, and which hidden texts were revealed. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { isHarmful } from '../../shared/harmfulText.ts'
import type { TrajectoryRow } from '../../shared/rpc/trajectories.ts'
import { useSettings } from './settings.ts'

export const useSession = defineStore('session', () => {
  const isConnected = ref(true)
  /** Everything that is hidden is shown until the window closes. */
  const revealAll = ref(false)
  const revealed = ref(new Set<string>())
  const settings = useSettings()

  /** Whether texts under this key (for example 'trajectory 17') may be asked for. */
  function isRevealed(key: string): boolean {
    return revealAll.value || revealed.value.has(key)
  }
  /** Whether the texts of this trajectory stay out of the page, even where they came before and were hidden since. */
  function hides(row: Pick<TrajectoryRow, 'id' | 'role' | 'verdicts'>): boolean {
    return isHarmful(row) && !isRevealed(`trajectory ${row.id}`)
  }
  /** Reveals one item, or everything where the settings say 'session'. */
  function reveal(key: string): void {
    if (settings.settings.reveal === 'session') revealAll.value = true
    else revealed.value = new Set(revealed.value).add(key)
  }
  function hide(key: string): void {
    const left = new Set(revealed.value)
    left.delete(key)
    revealed.value = left
  }
  function hideAll(): void {
    revealAll.value = false
    revealed.value = new Set()
  }
  return { isConnected, revealAll, revealed, isRevealed, hides, reveal, hide, hideAll }
})
