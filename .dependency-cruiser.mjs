/** The layers as a machine checks them: what each folder may import. Run by test/layers.test.ts, together with a canary. */

/** Folder under src -> folders under src, and packages, that it may import besides itself. Node's own modules are separate. */
const layers = {
  shared: { folders: [], packages: ['zod'], node: false },
  engine: {
    folders: ['shared'],
    packages: [
      'zod',
      'onnxruntime-node',
      'onnxruntime-common',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@bufbuild/protobuf',
      '@huggingface/tokenizers',
      '@huggingface/jinja',
      'hyparquet',
    ],
    node: true,
  },
  store: { folders: ['shared'], packages: ['zod', 'better-sqlite3', '@types/better-sqlite3'], node: true },
  host: { folders: ['shared', 'store'], packages: ['zod', 'yaml', 'yazl', 'yauzl', '@types/yazl', '@types/yauzl'], node: true },
  cli: { folders: ['shared', 'store', 'host'], packages: ['zod', 'commander'], node: true },
  server: { folders: ['shared', 'store', 'host'], packages: ['zod'], node: true },
  main: { folders: ['shared', 'store', 'host'], packages: ['zod', 'electron'], node: true },
  preload: { folders: ['shared'], packages: ['electron'], node: false },
  renderer: {
    folders: ['shared'],
    packages: [
      'zod',
      'vue',
      'vue-router',
      'pinia',
      'vuetify',
      '@mdi/js',
      'chart.js',
      'vue-chartjs',
      'chartjs-plugin-zoom',
      'chartjs-plugin-annotation',
      'chartjs-chart-matrix',
      '@sgratzl/chartjs-chart-boxplot',
    ],
    node: false,
  },
}

/** The same within the engine, from the bottom up. The engine's own entry files may import all of it. */
const engine = {
  autodiff: [],
  tfjs: ['autodiff'],
  onnx: ['autodiff', 'tfjs'],
  model: ['autodiff', 'onnx'],
  rollout: ['autodiff', 'onnx', 'model'],
  analysis: [],
  harbor: ['model'],
  data: ['model'],
  endpoint: [],
  reward: ['analysis', 'autodiff', 'endpoint', 'harbor', 'model', 'onnx', 'rollout'],
  evaluate: ['analysis', 'rollout', 'model'],
  train: ['autodiff', 'onnx', 'model', 'rollout'],
  verify: ['autodiff', 'onnx', 'model'],
  study: ['analysis', 'data', 'endpoint', 'harbor', 'model', 'onnx', 'tfjs', 'rollout', 'reward', 'evaluate', 'train'],
}

/** Programs that are started, not imported; they lead to everything else. */
const entries =
  '^(src/(engine|cli|server|main|renderer)/main|src/preload/preload|bench/main|scripts/(buildHarbor|buildWindow|start))\\.ts$'
/** Used by tests, and by people at work on the engine. */
const tools = '^src/engine/autodiff/print\\.ts$'

const anyOf = (names) => `(${names.map((name) => name.replaceAll('.', '\\.')).join('|')})`

const layerRules = Object.entries(layers).flatMap(([layer, { folders, packages, node }]) => [
  {
    name: `${layer}-folders`,
    comment: `src/${layer} may import ${[layer, ...folders].join(', ')}`,
    severity: 'error',
    from: { path: `^src/${layer}/` },
    to: { path: '^(src|test|bench|scripts)/', pathNot: `^src/${anyOf([layer, ...folders])}/` },
  },
  {
    name: `${layer}-packages`,
    comment: `src/${layer} may import the packages ${packages.join(', ')}`,
    severity: 'error',
    from: { path: `^src/${layer}/` },
    to: {
      dependencyTypesNot: ['core', 'local', 'localmodule', 'aliased'],
      pathNot: `(^|/)node_modules/${anyOf(packages)}/|^src/`,
    },
  },
  ...(node
    ? []
    : [
        {
          name: `${layer}-node`,
          comment: `src/${layer} runs anywhere`,
          severity: 'error',
          from: { path: `^src/${layer}/` },
          to: { dependencyTypes: ['core'] },
        },
      ]),
])

const engineRules = Object.entries(engine).map(([folder, below]) => ({
  name: `engine-${folder}`,
  comment: `src/engine/${folder} may import ${[folder, ...below].join(', ')}`,
  severity: 'error',
  from: { path: `^src/engine/${folder}/` },
  to: { path: '^src/engine/', pathNot: `^src/engine/${anyOf([folder, ...below])}/` },
}))

export default {
  forbidden: [
    ...layerRules,
    ...engineRules,
    {
      name: 'methods-apart',
      comment: 'training methods do not import each other',
      severity: 'error',
      from: { path: '^src/engine/train/(sft\\.ts|policy/)' },
      to: { path: '^src/engine/train/(sft\\.ts|policy/)', pathNot: '^src/engine/train/$1' },
    },
    {
      name: 'onnxruntime-silenced',
      comment: 'onnxruntime is imported where it is forbidden to report to its maker',
      severity: 'error',
      from: { pathNot: '^src/engine/onnx/onnxruntime\\.ts$' },
      to: { path: '(^|/)node_modules/onnxruntime-node/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'unreached',
      comment: 'no program leads there: delete it or use it',
      severity: 'error',
      from: { path: entries },
      to: { path: '^src/', pathNot: [entries, tools], reachable: false },
    },
    { name: 'unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.vue', '.css'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
