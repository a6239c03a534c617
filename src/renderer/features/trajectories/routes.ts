import { mdiFormatListText } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    // A filter stands in the query: runId, arm, step, thought=unsafe, … (filterQuery.ts).
    path: '/trajectories/:id(\\d+)?',
    name: 'trajectories',
    component: () => import('./TrajectoriesScreen.vue'),
    meta: { title: 'Trajectories', nav: { icon: mdiFormatListText, key: 't' } },
  },
]
