/** Writes a trained model out as a folder of its own: the adapter as it is, or whole weights in the type of the base model. */
import { ReflectoryError } from '../../shared/errors.ts'
import { copyAdapter, isAdapterFolder } from '../model/adapterFiles.ts'
import type { WeightDtype } from '../model/writeSafetensors.ts'
import { openStudyModel, writeTrainedModel } from './studyModel.ts'

export interface ExportRequest {
  /** The folder that training left: of an adapter or of a whole model. */
  source: string
  /** A new folder. */
  target: string
  form: 'adapter' | 'merged'
}

const DTYPES: Readonly<Record<string, WeightDtype>> = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' }

/** Throws `bad-argument` where a whole model is asked for as an adapter, `disk` where the folder cannot be written. */
export function exportModel({ source, target, form }: ExportRequest): { folder: string; dtype: string } {
  if (form === 'adapter') {
    if (!isAdapterFolder(source)) {
      throw new ReflectoryError('bad-argument', '--adapter', 'this arm trained all weights and left no adapter', 'Leave --adapter out.')
    }
    copyAdapter(source, target)
    return { folder: target, dtype: 'float32' }
  }
  const model = openStudyModel(source)
  // A whole model that was trained says float32 itself; what it was published in is unknown by then.
  const dtype = model.config.dtype in DTYPES ? model.config.dtype : 'float32'
  writeTrainedModel(target, model, model.weights, DTYPES[dtype])
  return { folder: target, dtype }
}
