/** What some tests need and not every machine has: a browser, a GPU (a software one will do), Electron with a display. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findElectron } from '../scripts/findElectron.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const VULKAN_LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib']
const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json'
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Why something is missing, or null where it is there. */
const checks = {
  browser(): string | null {
    return browserPath() ? null : 'no Chromium was found (Debian: apt-get install chromium)'
  },

  electron(): string | null {
    const found = findElectron()
    return 'missing' in found ? found.missing : null
  },

  /** Where no real driver is installed, names the software one; must run before onnxruntime loads. */
  webgpu(): string | null {
    if (process.platform !== 'linux') return null
    if (!VULKAN_LIBRARIES.some((folder) => existsSync(join(folder, 'libvulkan.so.1')))) {
      return 'the Vulkan loader is missing (Debian: apt-get install libvulkan1)'
    }
    const drivers = '/usr/share/vulkan/icd.d'
    if (process.env.VK_DRIVER_FILES || (existsSync(drivers) && readdirSync(drivers).length > 0)) return null
    if (!existsSync(SOFTWARE_DRIVER))
      return 'no Vulkan driver was found (Debian: apt-get install chromium, which carries a software one)'
    process.env.VK_ICD_FILENAMES = SOFTWARE_DRIVER
    process.env.VK_DRIVER_FILES = SOFTWARE_DRIVER
    process.env.XDG_RUNTIME_DIR ??= temporaryFolder()
    return null
  },
}

export type Requirement = keyof typeof checks

/** A Chromium to drive, or undefined. */
export function browserPath(): string | undefined {
  return [process.env.REFLECTORY_BROWSER ?? '', ...BROWSERS].find((path) => path !== '' && existsSync(path))
}

/**
 * Whether the tests that need it can run here; says so on one line where they cannot:
 * `describe.skipIf(!requires('webgpu'))('…', …)`. Throws where
 * REFLECTORY_REQUIRE names it, so that nothing is skipped unseen.
 */
export function requires(need: Requirement): boolean {
  const missing = checks[need]()
  if (missing === null) return true
  if ((process.env.REFLECTORY_REQUIRE ?? '').split(',').includes(need)) {
    throw new Error(`REFLECTORY_REQUIRE names '${need}', but ${missing}`)
  }
  console.warn(`skipped, needs '${need}': ${missing}`)
  return false
}
