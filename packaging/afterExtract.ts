/** Named in electron-builder's configuration: it calls this when Electron's files lie where the program will be packed. */
import { trimElectron } from './electronFiles.ts'

export const afterExtract = (context: { appOutDir: string; electronPlatformName: string }): void =>
  trimElectron(context.appOutDir, context.electronPlatformName)
