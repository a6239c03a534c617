/** Keys that do something, collected from the screens that are open; `?` lists them. Can be turned off in the settings. */
import { defineStore } from 'pinia'
import { computed, onMounted, onUnmounted, shallowRef } from 'vue'
import { useSettings } from './settings.ts'

export interface Shortcut {
  /** One key, or two one after the other: 'j', '?', 'g h'. As in KeyboardEvent.key. */
  keys: string
  does: string
  run: () => void
}

/** How long the second key of two may take. */
const SECOND_KEY_MS = 1200

export const useShortcutList = defineStore('shortcuts', () => {
  const lists = shallowRef<Shortcut[][]>([])
  const settings = useSettings()
  let first = ''
  let firstAt = 0

  /** Newest screen first, so that it may take a key over. */
  const all = computed(() => lists.value.flat())

  function add(list: Shortcut[]): () => void {
    lists.value = [list, ...lists.value]
    return () => (lists.value = lists.value.filter((each) => each !== list))
  }

  function press(event: KeyboardEvent): void {
    if (!settings.settings.shortcuts || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const pair = event.timeStamp - firstAt < SECOND_KEY_MS ? `${first} ${event.key}` : event.key
    const found = all.value.find(({ keys }) => keys === pair) ?? all.value.find(({ keys }) => keys === event.key)
    first = event.key
    firstAt = event.timeStamp
    if (!found) return
    first = ''
    event.preventDefault()
    found.run()
  }
  return { all, add, press }
})

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  // An open dialog or menu has the keys to itself.
  if (target.isContentEditable || target.closest('[role="dialog"], [role="menu"], .v-overlay')) return true
  return ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

/** Shortcuts that work while the component is there. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const list = useShortcutList()
  let remove: (() => void) | undefined
  onMounted(() => (remove = list.add(shortcuts)))
  onUnmounted(() => remove?.())
}
