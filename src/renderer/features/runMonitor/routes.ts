import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/runs/:runId',
    name: 'run',
    component: () => import('./RunMonitorScreen.vue'),
    props: true,
    meta: { title: 'Run' },
  },
]
