/** The end of a run is told on whichever screen is open, and in the page's title until somebody looks. */
import { onMounted, onUnmounted } from 'vue'
import { usePushed } from '../api/usePushed.ts'
import { useSettings } from '../stores/settings.ts'
import { useToasts } from '../stores/toasts.ts'

export function useRunEnds(): void {
  const toasts = useToasts()
  const settings = useSettings()
  /** The title to go back to; null while nothing is told there. */
  let title: string | null = null

  usePushed((pushed) => {
    if (pushed.type !== 'runChanged' || pushed.state === null || pushed.state === 'running') return
    if (!settings.settings.notifyAtEnd) return
    const words = `Run ${pushed.runId} is ${pushed.state}.`
    toasts.inform(words)
    if (document.hasFocus()) return
    title ??= document.title
    document.title = `${words} ${title}`
  })

  function goBack(): void {
    // Another screen may have given its own title meanwhile.
    if (title !== null && document.title.endsWith(title)) document.title = title
    title = null
  }
  onMounted(() => window.addEventListener('focus', goBack))
  onUnmounted(() => window.removeEventListener('focus', goBack))
}
