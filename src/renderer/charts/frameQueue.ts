/** Drawings that wait their turn: a few milliseconds of them in each frame, so that many charts hold nothing up. */

const BUDGET_MS = 8

export interface FrameQueue {
  /** Draws soon; one that waits already is not put in twice. */
  drawSoon(draw: () => void): void
  forget(draw: () => void): void
}

/** `requestFrame` runs what it is given before the next frame; `now` is in milliseconds. */
export function createFrameQueue(requestFrame: (run: () => void) => unknown, now: () => number): FrameQueue {
  const waiting = new Set<() => void>()
  let isAsked = false

  function ask(): void {
    isAsked = true
    requestFrame(work)
  }
  function work(): void {
    isAsked = false
    const start = now()
    for (const draw of waiting) {
      waiting.delete(draw)
      draw()
      if (now() - start > BUDGET_MS) break
    }
    if (waiting.size > 0 && !isAsked) ask()
  }
  return {
    drawSoon(draw) {
      waiting.add(draw)
      if (!isAsked) ask()
    },
    forget: (draw) => void waiting.delete(draw),
  }
}
