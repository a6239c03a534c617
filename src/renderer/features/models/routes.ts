import { mdiCubeOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/models',
    name: 'models',
    component: () => import('./ModelsScreen.vue'),
    meta: { title: 'Models', nav: { icon: mdiCubeOutline, key: 'm' } },
  },
  {
    // Which one stands in `?model=`, since it is a path itself.
    path: '/models/open',
    name: 'model',
    component: () => import('./ModelScreen.vue'),
    meta: { title: 'Model' },
  },
]
