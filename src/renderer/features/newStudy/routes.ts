import { mdiFlaskPlusOutline } from '@mdi/js'
import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  {
    path: '/new-study',
    name: 'newStudy',
    component: () => import('./NewStudyScreen.vue'),
    meta: { title: 'New study', nav: { icon: mdiFlaskPlusOutline, key: 'n' } },
  },
]
