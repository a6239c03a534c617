import { mdiTableLarge } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/data-sets',
    name: 'dataSets',
    component: () => import('./DataSetsScreen.vue'),
    meta: { title: 'Data sets', nav: { icon: mdiTableLarge, key: 'd' } },
  },
]
