/** The window's only way out: the contract's calls and what is pushed, nothing else of Electron. */
import { contextBridge, ipcRenderer } from 'electron'
import type { Bridge } from '../shared/rpc.ts'

// What is called and what is given is checked by the main process, which has no reason to trust this one.
const bridge: Bridge = {
  call: (method, input) => ipcRenderer.invoke('rpc', method, input),
  listen(listener) {
    const receive = (_event: unknown, pushed: Parameters<typeof listener>[0]) => listener(pushed)
    ipcRenderer.on('pushed', receive)
    return () => ipcRenderer.off('pushed', receive)
  },
}

contextBridge.exposeInMainWorld('reflectory', bridge)
