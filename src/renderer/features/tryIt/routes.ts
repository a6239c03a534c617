import { mdiMessageTextOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    // ?branch=TRAJECTORY&at=TOKEN continues a trajectory with another word.
    path: '/try-it',
    name: 'tryIt',
    component: () => import('./TryItScreen.vue'),
    meta: { title: 'Try it', nav: { icon: mdiMessageTextOutline, key: 'y' } },
  },
]
