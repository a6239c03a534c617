/** Finds the screen for an address. Addresses stand behind `#`, so that a file protocol and a server serve the same page. */
import { nextTick } from 'vue'
import { createRouter, createWebHashHistory } from 'vue-router'
import { routes } from './routes.ts'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
    /** Where it stands in the navigation: a path of @mdi/js, and a letter for the shortcut 'g' + letter. */
    nav?: { icon: string; key: string }
  }
}

export const router = createRouter({ history: createWebHashHistory(), routes })

router.afterEach(async (to, from) => {
  document.title = `${to.meta.title} · Reflectory`
  // A screen reader hears that the screen changed; at the start and within a screen the focus stays where it is.
  if (from.matched.length === 0 || to.name === from.name) return
  await nextTick()
  document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: false })
})
