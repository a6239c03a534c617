/** How a person acts on a page: with the mouse, or with the keyboard alone. A journey is written once for both. */
import type { Locator, Page } from 'playwright-core'

export interface Hands {
  /** Presses a button or follows a link. */
  press(target: Locator): Promise<void>
  /** Writes over what a field holds. */
  write(field: Locator, text: string): Promise<void>
  /** Opens the first entry of a list. */
  openFirst(list: Locator): Promise<void>
}

export function mouse(): Hands {
  return {
    press: (target) => target.click(),
    write: (field, text) => field.fill(text),
    openFirst: (list) => list.getByRole('option').first().click(),
  }
}

/** More stops than any screen has. */
const MOST_TABS = 250

export function keyboard(page: Page): Hands {
  /** Walks there by the tab key: what cannot be reached by it, fails. */
  async function walkTo(target: Locator): Promise<void> {
    await target.waitFor()
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      if ((await target.and(page.locator(':focus')).count()) > 0) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`the tab key does not lead to ${String(target)}`)
  }

  return {
    async press(target) {
      await walkTo(target)
      await page.keyboard.press('Enter')
    },
    async write(field, text) {
      await walkTo(field)
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard.insertText(text)
    },
    async openFirst(list) {
      await walkTo(list)
      await page.keyboard.press('Enter')
    },
  }
}
