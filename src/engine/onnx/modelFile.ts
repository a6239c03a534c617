/** Writes ONNX model files: the few protobuf messages that our graphs need, without a generator. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** ONNX's TensorProto.DataType. */
const onnxType = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const
export type OnnxElement = keyof typeof onnxType

export type AttributeValue =
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'ints'; value: readonly number[] }

export interface OnnxNode {
  opType: string
  domain: '' | 'com.microsoft'
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, AttributeValue>>
}

export interface OnnxValue {
  name: string
  element: OnnxElement
  shape: readonly number[]
  /** The axis whose length is not fixed by the file. */
  varyingAxis?: number | null
}

export interface OnnxInitializer extends OnnxValue {
  bytes: Uint8Array
}

export interface OnnxGraph {
  name: string
  nodes: readonly OnnxNode[]
  inputs: readonly OnnxValue[]
  outputs: readonly OnnxValue[]
  initializers: readonly OnnxInitializer[]
}

const OPSET_VERSION = 21
const CONTRIB_VERSION = 1
const IR_VERSION = 10

type Write = (writer: BinaryWriter) => void

function message(writer: BinaryWriter, field: number, write: Write): void {
  writer.tag(field, WireType.LengthDelimited).fork()
  write(writer)
  writer.join()
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value)
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value)
}

/** AttributeProto.AttributeType and the field that holds a value of that type. */
function writeAttribute(writer: BinaryWriter, name: string, attribute: AttributeValue): void {
  text(writer, 1, name)
  switch (attribute.kind) {
    case 'float':
      writer.tag(2, WireType.Bit32).float(attribute.value)
      integer(writer, 20, 1)
      return
    case 'int':
      integer(writer, 3, attribute.value)
      integer(writer, 20, 2)
      return
    case 'string':
      text(writer, 4, attribute.value)
      integer(writer, 20, 3)
      return
    case 'ints':
      for (const value of attribute.value) integer(writer, 8, value)
      integer(writer, 20, 7)
  }
}

function writeNode(writer: BinaryWriter, node: OnnxNode, index: number): void {
  for (const input of node.inputs) text(writer, 1, input)
  for (const output of node.outputs) text(writer, 2, output)
  text(writer, 3, `${node.opType}_${index}`)
  text(writer, 4, node.opType)
  for (const [name, attribute] of Object.entries(node.attributes)) {
    message(writer, 5, (inner) => writeAttribute(inner, name, attribute))
  }
  if (node.domain !== '') text(writer, 7, node.domain)
}

function writeValueInfo(writer: BinaryWriter, value: OnnxValue): void {
  text(writer, 1, value.name)
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      integer(tensor, 1, onnxType[value.element])
      message(tensor, 2, (shape) => {
        value.shape.forEach((size, axis) =>
          message(shape, 1, (dimension) =>
            axis === value.varyingAxis ? text(dimension, 2, `length of axis ${axis}`) : integer(dimension, 1, size),
          ),
        )
      })
    }),
  )
}

function writeInitializer(writer: BinaryWriter, tensor: OnnxInitializer): void {
  for (const size of tensor.shape) integer(writer, 1, size)
  integer(writer, 2, onnxType[tensor.element])
  text(writer, 8, tensor.name)
  writer.tag(9, WireType.LengthDelimited).bytes(tensor.bytes)
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  graph.nodes.forEach((node, index) => message(writer, 1, (inner) => writeNode(inner, node, index)))
  text(writer, 2, graph.name)
  for (const tensor of graph.initializers) message(writer, 5, (inner) => writeInitializer(inner, tensor))
  for (const value of graph.inputs) message(writer, 11, (inner) => writeValueInfo(inner, value))
  for (const value of graph.outputs) message(writer, 12, (inner) => writeValueInfo(inner, value))
}

/** The bytes of a ModelProto that onnxruntime loads. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const writer = new BinaryWriter()
  integer(writer, 1, IR_VERSION)
  text(writer, 2, 'reflectory')
  message(writer, 7, (inner) => writeGraph(inner, graph))
  message(writer, 8, (opset) => integer(opset, 2, OPSET_VERSION))
  message(writer, 8, (opset) => {
    text(opset, 1, 'com.microsoft')
    integer(opset, 2, CONTRIB_VERSION)
  })
  return writer.finish()
}
