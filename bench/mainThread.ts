/**
 * What the page's main thread did meanwhile, task by task, as Chromium's own tracing tells: by the clock, and by
 * the time that the task had a processor. On a machine that others use, only the second is the page's own.
 */
import type { Page } from 'playwright-core'
import { z } from 'zod'

/** Milliseconds. */
export interface Work {
  /** The longest task, by the clock and by the processor's time. */
  longest: { clock: number; processor: number }
  /** All tasks together, by the processor's time. */
  busy: number
}

/** Microseconds. */
const Task = z.object({
  ph: z.literal('X'),
  name: z.literal('ThreadControllerImpl::RunTask'),
  pid: z.int(),
  tid: z.int(),
  dur: z.number(),
  tdur: z.number(),
})
const ThreadName = z.object({
  name: z.literal('thread_name'),
  pid: z.int(),
  tid: z.int(),
  args: z.object({ name: z.string() }),
})

export async function workOf(page: Page, during: () => Promise<unknown>): Promise<Work> {
  const session = await page.context().newCDPSession(page)
  const events: unknown[] = []
  session.on('Tracing.dataCollected', ({ value }) => void events.push(...value))
  const complete = new Promise<void>((resolve) => session.once('Tracing.tracingComplete', () => resolve()))
  const traceConfig = { includedCategories: ['toplevel'] }
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  await during()
  await session.send('Tracing.end')
  await complete
  await session.detach()
  const threadOf = ({ pid, tid }: { pid: number; tid: number }) => `${pid} ${tid}`
  const parsed = <T extends z.ZodType>(shape: T) => events.flatMap((event) => shape.safeParse(event).data ?? [])
  const mains = new Set(
    parsed(ThreadName)
      .filter(({ args }) => args.name === 'CrRendererMain')
      .map(threadOf),
  )
  const tasks = parsed(Task).filter((task) => mains.has(threadOf(task)))
  if (tasks.length === 0) throw new Error('this Chromium tells nothing of its tasks')
  const longest = (times: number[]) => times.reduce((most, time) => Math.max(most, time), 0) / 1000
  return {
    longest: { clock: longest(tasks.map(({ dur }) => dur)), processor: longest(tasks.map(({ tdur }) => tdur)) },
    busy: tasks.reduce((sum, { tdur }) => sum + tdur, 0) / 1000,
  }
}
