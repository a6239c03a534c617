/** What may be done to a run, from wherever it is shown. */
import { useRouter } from 'vue-router'
import type { StudyConfig } from '../../../shared/study.ts'
import { client } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { formatBytes } from '../../format.ts'
import { useToasts } from '../../stores/toasts.ts'

export function useRunActions() {
  const router = useRouter()
  const toasts = useToasts()

  const start = useAction(async (study: StudyConfig) => {
    const entry = await client.startStudy({ study })
    await router.push({ name: 'starting', params: { id: entry.id } })
  })
  const resume = useAction(async (runId: string) => {
    await client.resumeRun({ runId })
    toasts.inform('The run goes on from its last checkpoint.')
  })
  const pause = useAction(async (runId: string) => {
    await client.pauseRun({ runId })
    toasts.inform('The step is being finished and saved; then the run pauses.')
  })
  const stop = useAction(async (runId: string) => {
    await client.stopRun({ runId })
    toasts.inform('The run is being stopped.')
  })
  const remove = useAction(async (runId: string) => {
    const { freedBytes } = await client.deleteRun({ runId })
    toasts.succeed(`Deleted; ${formatBytes(freedBytes)} are free again.`)
  })
  const leaveQueue = useAction((id: string) => client.leaveQueue({ id }))
  const retryQueued = useAction((id: string) => client.retryQueued({ id }))
  return { start, resume, pause, stop, remove, leaveQueue, retryQueued }
}
