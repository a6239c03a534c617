/** What a person has chosen, loaded once and saved at each change. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { Settings } from '../../shared/rpc/machine.ts'
import { client } from '../api/client.ts'

export const useSettings = defineStore('settings', () => {
  const settings = ref<Settings>(Settings.parse({}))
  const dataFolder = ref('')
  const canChangeDataFolder = ref(false)
  const nextDataFolder = ref<string | null>(null)
  const dataFolderRemark = ref<string | null>(null)
  const isLoaded = ref(false)
  const prefersLessMotion = window.matchMedia('(prefers-reduced-motion: reduce)').matches

  async function load(): Promise<void> {
    const loaded = await client.getSettings({})
    settings.value = loaded.settings
    dataFolder.value = loaded.dataFolder
    canChangeDataFolder.value = loaded.canChangeDataFolder
    nextDataFolder.value = loaded.nextDataFolder
    dataFolderRemark.value = loaded.dataFolderRemark
    isLoaded.value = true
  }
  /** Takes effect at once; fails where it cannot be saved, and stays in effect until the window closes. */
  async function change(changed: Partial<Settings>): Promise<void> {
    settings.value = { ...settings.value, ...changed }
    await client.saveSettings({ settings: settings.value })
  }
  const reduceMotion = computed(() => settings.value.reduceMotion || prefersLessMotion)
  const folders = { dataFolder, canChangeDataFolder, nextDataFolder, dataFolderRemark }
  return { settings, ...folders, isLoaded, reduceMotion, load, change }
})
