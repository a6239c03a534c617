/** Where the native TensorFlow.js lies. Engines are children of this process and inherit it. */
import type { Settings } from '../shared/rpc/machine.ts'

const VARIABLE = 'REFLECTORY_TFJS'
const inherited = process.env[VARIABLE]

/** For engines that start from now on; without a folder in the settings, what this process was started with counts. */
export function nameTensorFlowFolder({ tensorflowFolder }: Settings): void {
  const folder = tensorflowFolder === '' ? inherited : tensorflowFolder
  if (folder === undefined) delete process.env[VARIABLE]
  else process.env[VARIABLE] = folder
}
