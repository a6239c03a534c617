/** Prints the bytes of a model's weights, and what sessions for another policy over them add to the process. */
import { adapterTensors, planAdapter } from '../../../src/engine/model/adapter.ts'
import { parseModelConfig } from '../../../src/engine/model/config.ts'
import { expectedTensors } from '../../../src/engine/model/modelTensors.ts'
import { Rollouts } from '../../../src/engine/rollout/rollout.ts'
import { RandomStream } from '../../../src/shared/random.ts'
import { Sampling } from '../../../src/shared/sampling.ts'

const config = parseModelConfig(
  {
    architectures: ['Qwen2ForCausalLM'],
    hidden_size: 1024,
    intermediate_size: 4096,
    num_hidden_layers: 4,
    num_attention_heads: 16,
    num_key_value_heads: 4,
    vocab_size: 4096,
    max_position_embeddings: 256,
  },
  'sessions',
)
const fill = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 2654435761) % 1000) / 2e4 - 0.025)
const weights = new Map(expectedTensors(config).map(({ name, shape }) => [name, fill(shape)]))
const bytes = [...weights.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)

const request = () => [{ promptTokens: Int32Array.of(1, 2, 3), random: new RandomStream(1) }]
const settings = { sampling: Sampling.parse({ maxNewTokens: 8 }), stopTokens: [] }
const resident = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().rss
}

/** Prompts are read and tokens added, each by a session. */
const base = new Rollouts(config, { device: 'cpu', threads: 2 })
await base.sample(weights, request(), settings)
const before = resident()
const adapter = planAdapter(config, { rank: 4, alpha: 8, rslora: false, targets: ['q_proj', 'v_proj'] })
const adapted = new Map([...weights, ...adapterTensors(adapter).map(({ name, shape }) => [name, fill(shape)] as const)])
const policy = new Rollouts(config, { device: 'cpu', threads: 2, adapter })
await policy.sample(adapted, request(), settings)
const added = resident() - before
if (adapted.size <= weights.size) throw new Error('no adapter')
process.stdout.write(JSON.stringify({ weights: bytes, added }))
await base.release()
await policy.release()
