/** What each device said when it was tried; kept until the window closes, as trying takes seconds. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Machine } from '../../../shared/rpc/machine.ts'

export const useDeviceReports = defineStore('deviceReports', () => ({
  reports: shallowRef<Machine['devices'] | null>(null),
}))
