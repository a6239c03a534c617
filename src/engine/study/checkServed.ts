/** Whether a server can stand in for the base model, asked before anything starts. */
import { ReflectoryError } from '../../shared/errors.ts'
import type { EndpointConfig } from '../../shared/judges.ts'
import { EndpointClient } from '../endpoint/client.ts'
import type { StudyModel } from './studyModel.ts'

/** What a person should know of it. Throws `endpoint` where nothing useful answers, `bad-study` where it cannot. */
export async function checkServed(
  endpoint: EndpointConfig,
  { template }: Pick<StudyModel, 'template'>,
  thinking: boolean,
  arm: string,
): Promise<string> {
  if (!thinking && template.switches.length === 0) {
    throw new ReflectoryError(
      'bad-study',
      `arms: ${arm}`,
      'the chat template has no switch for thinking, so that a server cannot be told to leave it out',
      'Evaluate with thinking: true, or leave the endpoint out.',
    )
  }
  const client = new EndpointClient(endpoint)
  try {
    await client.check()
  } finally {
    client.release()
  }
  return `prompts of the arm ${arm} are sent to ${endpoint.url} to be answered by ${endpoint.model}, and nowhere else`
}
