/** Looks at a screen as it stands: both themes for axe, no scrolling sideways at 200% zoom. Pictures are left in out/screens. */
import AxeBuilder from '@axe-core/playwright'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const PICTURES = fileURLToPath(new URL('../../out/screens/', import.meta.url))
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
export const DESK = { width: 1280, height: 800 }
/** What is left of it at 200%. */
const ZOOMED = { width: 640, height: 400 }

/** Gives what is wrong with it. */
export async function look(page: Page, name: string): Promise<string[]> {
  mkdirSync(PICTURES, { recursive: true })
  await expect.poll(() => page.locator('#main [aria-busy=true]').count(), { timeout: 30_000 }).toBe(0)
  const found: string[] = []
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.locator(`.v-application.v-theme--${colorScheme}`).waitFor()
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    // Without a second page for what frames have to say: there are none.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze()
    found.push(...violations.map(({ id, nodes }) => `${name}, ${colorScheme}: ${id}: ${nodes[0].html}`))
    await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`), fullPage: true })
  }
  await page.setViewportSize(ZOOMED)
  const beyond = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  if (beyond !== 0) found.push(`${name}: ${String(beyond)} px lie beyond the edge at 200%`)
  await page.screenshot({ path: join(PICTURES, `${name}-zoomed.png`) })
  await page.setViewportSize(DESK)
  return found
}
