/** Starts the window. */
import 'vuetify/styles'
import { createApp } from 'vue'
import { createVuetify } from 'vuetify'
import { aliases, mdi } from 'vuetify/iconsets/mdi-svg'
import { z } from 'zod'
import App from './App.vue'

// The content security policy allows no code from strings.
z.config({ jitless: true })
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce
const vuetify = createVuetify({
  icons: { defaultSet: 'mdi', aliases, sets: { mdi } },
  theme: { defaultTheme: 'system', ...(nonce === undefined ? {} : { cspNonce: nonce }) },
})
createApp(App).use(vuetify).mount('#app')
