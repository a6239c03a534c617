import { mdiChartBoxOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/runs',
    name: 'runs',
    component: () => import('./RunsScreen.vue'),
    meta: { title: 'Runs', nav: { icon: mdiChartBoxOutline, key: 'r' } },
  },
]
