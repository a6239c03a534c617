/** Which files of a package are shipped: what is loaded at run time, its package.json and its licence. */
import type { Target } from './targets.ts'

/** Packages with much that is never loaded: only these files of them are shipped, besides licence and package.json. */
const loaded: Record<string, RegExp> = {
  '@bufbuild/protobuf': /^dist\/esm\//,
  '@huggingface/jinja': /^dist\/index\.js$/,
  '@huggingface/tokenizers': /^dist\/tokenizers\.mjs$/,
  'better-sqlite3': /^lib\//,
  'onnxruntime-node': /^dist\//,
  'onnxruntime-common': /^dist\/(cjs|esm)\//,
  '@tensorflow/tfjs-core': /^dist\/tf-core\.node\.js$/,
  '@tensorflow/tfjs-backend-cpu': /^dist\/tf-backend-cpu\.node\.js$/,
  // Every one of its three forms may be asked for: it looks what the machine can do.
  '@tensorflow/tfjs-backend-wasm': /^dist\/(tf-backend-wasm\.node\.js|tfjs-backend-wasm[a-z-]*\.wasm)$/,
  hyparquet: /^src\//,
  yaml: /^dist\//,
  zod: /^(index|v4\/(index|(classic|core|locales)\/[\w-]+))\.js$/,
  seedrandom: /^(index\.js|seedrandom\.js|lib\/)/,
}

/** Types only, asked for by an install script only, or (node-fetch) by TensorFlow.js when it is told to fetch a model. */
const neverLoaded = /^(@types\/|@webgpu\/types$|adm-zip$|global-agent$|node-addon-api$|node-fetch$)/

export const isLoaded = (packageName: string): boolean => !neverLoaded.test(packageName)

const LICENCE = /^(licen[cs]e|copying|notice|third-?party)[^/]*$/i
export const isLicence = (path: string): boolean => LICENCE.test(path)

const NATIVE = /\.(node|so|dylib|dll|exe)(\.[\d.]+)?$/i
const development = [
  /\.(map|tsx?|[cm]ts|flow|c|cc|cpp|h|gyp|gypi|md|markdown|log|tsbuildinfo)$/i,
  /(^|\/)(tests?|__tests__|examples?|benchmarks?|coverage|\.github)\//,
  /[._](test|spec)\.[cm]?js$/,
  /(^|\/)(tsconfig[^/]*\.json|Gruntfile\.js|Makefile|bower\.json|component\.json|\.[^/]+)$/,
]

/** What only those need who change a package. `path` is relative, with slashes. */
export const isForDevelopment = (path: string): boolean => development.some((pattern) => pattern.test(path))

/** @param path within the package, with slashes */
export function isShipped(packageName: string, path: string, target: Target): boolean {
  if (path === 'package.json' || isLicence(path)) return true
  if (NATIVE.test(path)) return target.natives[packageName]?.includes(path) ?? false
  if (isForDevelopment(path)) return false
  return loaded[packageName]?.test(path) ?? true
}
