/** Colours, density and icons of the window. System fonts, icons from paths: nothing is fetched. */
import { createVuetify } from 'vuetify'
import { aliases, mdi } from 'vuetify/iconsets/mdi-svg'

const light = {
  dark: false,
  colors: {
    background: '#f4f6f8',
    surface: '#ffffff',
    'surface-variant': '#e6ebf0',
    'on-surface-variant': '#28323c',
    primary: '#0b5c7a',
    secondary: '#4a5a68',
    error: '#a8201a',
    warning: '#7a4d00',
    info: '#0b5c7a',
    success: '#1d6b3a',
  },
}
const dark = {
  dark: true,
  colors: {
    background: '#11161b',
    surface: '#1a2128',
    'surface-variant': '#2a343e',
    'on-surface-variant': '#e3e9ef',
    primary: '#7cc7e8',
    'on-primary': '#06202c',
    secondary: '#a9b8c6',
    error: '#ff9d94',
    'on-error': '#3b0703',
    warning: '#f0bf6a',
    'on-warning': '#2c1c00',
    info: '#7cc7e8',
    'on-info': '#06202c',
    success: '#8fd6a5',
    'on-success': '#04230f',
  },
}

const field = { density: 'compact', variant: 'outlined', hideDetails: 'auto' } as const

/** Labels and help in fields stand out enough for everyone to read (WCAG 1.4.3). */
const variables = { 'medium-emphasis-opacity': 0.78 }

/** `cspNonce` lets Vuetify's own style element through the content security policy. */
export function createTheme(cspNonce: string | undefined) {
  return createVuetify({
    icons: { defaultSet: 'mdi', aliases, sets: { mdi } },
    theme: {
      defaultTheme: 'system',
      themes: { light: { ...light, variables }, dark: { ...dark, variables } },
      variations: false,
      ...(cspNonce === undefined ? {} : { cspNonce }),
    },
    defaults: {
      VBtn: { variant: 'tonal', density: 'comfortable' },
      VCard: { variant: 'flat', border: true, rounded: 'lg' },
      VTextField: field,
      VTextarea: field,
      VSelect: field,
      VCombobox: field,
      VAutocomplete: field,
      VFileInput: field,
      VSwitch: { density: 'compact', color: 'primary', hideDetails: 'auto' },
      VCheckbox: { density: 'compact', color: 'primary', hideDetails: 'auto' },
      VTable: { density: 'compact' },
      VDataTable: { density: 'compact' },
      VList: { density: 'compact', prependGap: 14 },
      VChip: { size: 'small', variant: 'tonal' },
      VAlert: { density: 'comfortable', variant: 'tonal', border: 'start' },
      // One that is closed is not in the page.
      VTooltip: { openDelay: 300, maxWidth: 420, eager: false },
    },
  })
}
