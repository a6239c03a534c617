import { mdiStethoscope } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/diagnostics',
    name: 'diagnostics',
    component: () => import('./DiagnosticsScreen.vue'),
    meta: { title: 'Diagnostics', nav: { icon: mdiStethoscope, key: 'i' } },
  },
]
