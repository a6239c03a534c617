/** What electron-builder is told: it puts Electron around what `stage` laid out, and makes the installers. */
import { join } from 'node:path'
import { LANGUAGE } from './electronFiles.ts'
import { LICENCES, PRODUCT } from './stage.ts'
import { installedVersion } from './installedVersion.ts'
import type { Target } from './targets.ts'

/** The paper that Reflectory follows: a Debian package must name an address, and the program has no page of its own. */
const HOMEPAGE = 'https://arxiv.org/abs/2512.01848'

/** As package managers list it. */
const SYNOPSIS = 'experiments on the safety of reasoning models'

/** As the licence names them. */
const AUTHOR = 'The Reflectory contributors'

/** What only Electron's developers, or an attacker with the program in hand, would use, is off. */
export const fuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  grantFileProtocolExtraPrivileges: false,
}

/** Libraries that the programs load: electron-builder's own list lacks those that a desktop has and a plain system has not. */
const debianPackages = [
  ...['libasound2', 'libatspi2.0-0', 'libgbm1', 'libgtk-3-0', 'libnotify4', 'libnss3', 'libsecret-1-0', 'libuuid1'],
  ...['libxss1', 'libxtst6', 'xdg-utils'],
  // The store's native module is the one that asks for these.
  'libc6 (>= 2.34)',
  'libstdc++6 (>= 11)',
]

const installers = { linux: ['deb', 'AppImage'], darwin: ['dmg'], win32: ['nsis'] } as const

export interface Places {
  /** The project's folder. */
  root: string
  /** What `stage` gave. */
  resources: string
  /** Where installers go. */
  output: string
  /** Electron's unpacked files; null lets electron-builder fetch them. */
  electron: string | null
}

/** Without a certificate the program is signed as nobody's: unsigned, macOS on arm64 starts none whose fuses were set. */
const macIdentity = process.env.CSC_LINK || process.env.CSC_NAME ? {} : { identity: '-' }

/** @param asInstallers false for the unpacked program only */
export function builderConfig(target: Target, places: Places, asInstallers: boolean) {
  const wanted = installers[target.platform].map((name) => ({ target: name, arch: [target.arch] }))
  const format = { target: asInstallers ? wanted : 'dir' }
  return {
    appId: 'reflectory',
    productName: PRODUCT,
    executableName: 'reflectory',
    copyright: `Copyright © 2026 ${AUTHOR}, MIT licence`,
    electronVersion: installedVersion(places.root, 'electron'),
    ...(places.electron === null ? {} : { electronDist: places.electron }),
    electronLanguages: [LANGUAGE],
    electronFuses: fuses,
    directories: {
      app: join(places.resources, 'app'),
      output: places.output,
      buildResources: join(places.root, 'packaging/icons'),
    },
    // `stage` chose every file. A folder node_modules right below the one that is taken from would be left out.
    files: ['**/*', { from: 'node_modules', to: 'node_modules', filter: ['**/*'] }],
    beforeBuild: join(import.meta.dirname, 'beforeBuild.ts'),
    afterExtract: join(import.meta.dirname, 'afterExtract.ts'),
    asar: true,
    asarUnpack: ['**/*.node'],
    extraResources: [{ from: places.resources, to: '.', filter: ['engine/**/*', 'node/**/*', 'legal/**/*'] }],
    extraMetadata: { homepage: HOMEPAGE, author: AUTHOR, desktopName: 'reflectory.desktop' },
    publish: null,
    artifactName: '${name}-${version}-${os}-${arch}.${ext}',
    linux: {
      ...format,
      category: 'Science',
      syncDesktopName: true,
      synopsis: SYNOPSIS,
      maintainer: AUTHOR,
      // In sizes that desktops look for; they know none of 1024 pixels.
      icon: join(places.root, 'packaging/icons/linux'),
    },
    deb: {
      depends: debianPackages,
      packageCategory: 'science',
      // Where Debian's users look for it.
      fpm: [`${join(places.resources, LICENCES)}=/usr/share/doc/reflectory/copyright`],
    },
    // electron-builder's usual one needs a library that new systems lack, and its menu entry switches the sandbox off.
    toolsets: { appimage: '1.0.3' },
    appImage: { executableArgs: [] },
    mac: { ...format, ...macIdentity, category: 'public.app-category.developer-tools' },
    win: format,
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  }
}
