/** Where the engine can compute. */
import { z } from 'zod'

export const Device = z.enum(['cpu', 'cuda', 'webgpu', 'dml', 'coreml'])
export type Device = z.infer<typeof Device>

/** `auto`: the first device of the ladder that works and is faster than the processor, else the processor. */
export const DeviceChoice = z.enum([...Device.options, 'auto'])
export type DeviceChoice = z.infer<typeof DeviceChoice>

export const deviceNames: Readonly<Record<Device, string>> = {
  cpu: 'Processor',
  cuda: 'NVIDIA card (CUDA)',
  webgpu: 'Graphics card (WebGPU)',
  dml: 'Graphics card (DirectML)',
  coreml: 'Apple chip (Core ML)',
}

/** What can be there on a platform (`process.platform`), in the order in which it is tried; the processor last. */
export function deviceLadder(platform: string): Device[] {
  if (platform === 'win32') return ['cuda', 'dml', 'webgpu', 'cpu']
  if (platform === 'darwin') return ['webgpu', 'coreml', 'cpu']
  return ['cuda', 'webgpu', 'cpu']
}

/** What a person can do where a device does not work. */
export const deviceRemedies: Readonly<Record<Device, string>> = {
  cpu: 'Install the packages again: npm ci.',
  cuda: "Needs an NVIDIA card, its driver, CUDA 12 with cuDNN 9, and onnxruntime's CUDA files in onnxruntime-node's folder; WebGPU needs none of them.",
  webgpu: "Needs a graphics card with its Vulkan, Metal or Direct3D 12 driver; on Linux also the Vulkan loader (Debian: libvulkan1).",
  dml: 'Needs Windows 10 or later and a card with a Direct3D 12 driver.',
  coreml: 'Needs macOS 13 or later.',
}
