/** Short messages at the edge of the window, read out by screen readers. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { RpcError } from '../../shared/rpc/method.ts'

export interface Toast {
  id: number
  kind: 'success' | 'info' | 'error'
  text: string
  remedy: string
}

/** Errors stay until they are dismissed. */
const SHOWN_MS = 6000

export const useToasts = defineStore('toasts', () => {
  const toasts = ref<Toast[]>([])
  let last = 0

  function dismiss(id: number): void {
    toasts.value = toasts.value.filter((toast) => toast.id !== id)
  }
  function add(kind: Toast['kind'], text: string, remedy = ''): void {
    const id = ++last
    toasts.value = [...toasts.value.filter((toast) => toast.text !== text), { id, kind, text, remedy }].slice(-4)
    if (kind !== 'error') setTimeout(() => dismiss(id), SHOWN_MS)
  }
  return {
    toasts,
    dismiss,
    succeed: (text: string) => add('success', text),
    inform: (text: string) => add('info', text),
    fail: ({ place, problem, remedy }: RpcError) => add('error', `${place}: ${problem}.`, remedy),
  }
})
