import { mdiCogOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings',
    name: 'settings',
    component: () => import('./SettingsScreen.vue'),
    meta: { title: 'Settings', nav: { icon: mdiCogOutline, key: 's' } },
  },
]
