/** The screens: each feature has its own list, in the order of the navigation. */
import type { RouteRecordRaw } from 'vue-router'
import { routes as home } from './features/home/routes.ts'
import { routes as newStudy } from './features/newStudy/routes.ts'
import { routes as runMonitor } from './features/runMonitor/routes.ts'
import { routes as runs } from './features/runs/routes.ts'
import { routes as trajectories } from './features/trajectories/routes.ts'

export const routes: RouteRecordRaw[] = [
  ...home,
  ...newStudy,
  ...runs,
  ...runMonitor,
  ...trajectories,
  { path: '/:rest(.*)*', name: 'notFound', component: () => import('./shell/NotFound.vue'), meta: { title: 'Not found' } },
]
