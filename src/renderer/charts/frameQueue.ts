/** Drawings that wait their turn: a few milliseconds of them in each frame, so that many charts at once hold nothing up. */

const BUDGET_MS = 8

const waiting = new Set<() => void>()
let frame = 0

/** Draws soon; one that waits already is not put in twice. */
export function drawSoon(draw: () => void): void {
  waiting.add(draw)
  if (frame === 0) frame = requestAnimationFrame(work)
}

export function forgetDrawing(draw: () => void): void {
  waiting.delete(draw)
}

function work(): void {
  frame = 0
  const start = performance.now()
  for (const draw of waiting) {
    waiting.delete(draw)
    draw()
    if (performance.now() - start > BUDGET_MS) break
  }
  if (waiting.size > 0) frame = requestAnimationFrame(work)
}
