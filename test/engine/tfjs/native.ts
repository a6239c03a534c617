/** The native build of TensorFlow.js, for tests on machines where REFLECTORY_TFJS names one. */
import { openTensorFlow, type OpenTensorFlow } from '../../../src/engine/tfjs/tensorflow.ts'

/** Null, after a line that says so, where there is none. */
export function openNativeHere(): (() => Promise<OpenTensorFlow>) | null {
  if (process.env.REFLECTORY_TFJS) return openTensorFlow
  console.warn('skipped, needs the native TensorFlow.js: set REFLECTORY_TFJS to a folder where it is installed')
  return null
}
