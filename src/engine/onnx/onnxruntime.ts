/** onnxruntime, to be imported from here only: unless told not to before its first session, it reports what it runs to its maker. */
export * from 'onnxruntime-node'

// Its builds for Linux and macOS read this. On Windows it only writes trace events, which are the system's own.
process.env.ORT_DISABLE_TELEMETRY = '1'
