import { mdiHomeOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/',
    name: 'home',
    component: () => import('./HomeScreen.vue'),
    meta: { title: 'Home', nav: { icon: mdiHomeOutline, key: 'h' } },
  },
]
