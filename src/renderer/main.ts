/** Starts the window. */
import './api/zodWithoutEval.ts'
import './reset.css'
import 'vuetify/styles'
import './styles.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router.ts'
import { createTheme } from './theme.ts'

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce
createApp(App).use(createPinia()).use(router).use(createTheme(nonce)).mount('#app')
