/**
 * Builds the window into out/renderer, for Electron and for the browser mode alike, and the programs that run inside Electron.
 * Those keep their folders, so that what they find beside them (resources, the engine) lies where it does in src.
 */
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import vuetify from 'vite-plugin-vuetify'

export default defineConfig({
  main: {
    build: {
      outDir: 'out',
      emptyOutDir: false,
      rolldownOptions: {
        input: ['src/main/main.ts', 'src/engine/main.ts'],
        output: { format: 'es', preserveModules: true, preserveModulesRoot: 'src', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: 'src/preload/preload.ts',
        // A sandboxed preload is CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    html: { cspNonce: '__CSP_NONCE__' },
    build: {
      outDir: 'out/renderer',
      // Half as much for the first screen to read and parse.
      minify: true,
      // A data: address for a small file is not what the content security policy allows.
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 2000,
      rolldownOptions: { input: 'src/renderer/index.html' },
    },
    plugins: [vue(), vuetify({ autoImport: true })],
  },
})
