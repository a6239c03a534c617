import { mdiCubeOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/models',
    name: 'models',
    component: () => import('./ModelsScreen.vue'),
    meta: { title: 'Models', nav: { icon: mdiCubeOutline, key: 'm' } },
  },
]
