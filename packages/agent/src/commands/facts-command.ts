import { AgentError } from '../agent-error.ts';
import { assembleFacts, collectQuickFacts, collectSlowFacts } from '../facts/collect-facts.ts';
import { readGpus } from '../facts/gpus.ts';
import { machineSources } from '../facts/sources.ts';
import { parseOptions } from './options.ts';

/** `muster-agent facts`: the facts of this machine as JSON. */
export async function factsCommand(args: readonly string[]): Promise<string> {
  parseOptions('facts', args, []);
  const sources = machineSources();
  const [slow, gpus] = await Promise.all([collectSlowFacts(sources), readGpus(sources)]);
  if ('failure' in gpus) throw new AgentError('failed', `nvidia-smi gave no answer: ${gpus.failure}`);
  return `${JSON.stringify(assembleFacts(collectQuickFacts(), slow, gpus.gpus), undefined, 2)}\n`;
}
