import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/runs/:runId',
    name: 'run',
    component: () => import('./RunMonitorScreen.vue'),
    props: true,
    meta: { title: 'Run' },
  },
  {
    path: '/starting/:id',
    name: 'starting',
    component: () => import('./StartingScreen.vue'),
    props: true,
    meta: { title: 'Starting' },
  },
]
