/** Whether the list of shortcuts is open. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useShortcutsDialog = defineStore('shortcutsDialog', () => ({ isOpen: ref(false) }))
