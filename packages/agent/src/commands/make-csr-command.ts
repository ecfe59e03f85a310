import { AgentError } from '../agent-error.ts';
import { makeKeyAndCsr } from '../make-key-and-csr.ts';
import { IdentityStore } from '../state/identity-store.ts';
import { parseOptions } from './options.ts';

/** `muster-agent make-csr`: the part of a renewal that runs in a process of its own. For the agent itself, not for people. */
export async function makeCsrCommand(args: readonly string[]): Promise<string> {
  const options = parseOptions('make-csr', args, ['state-dir', 'node-name']);
  const stateDir = options.text('state-dir');
  const nodeName = options.text('node-name');
  if (stateDir === undefined || nodeName === undefined || nodeName === '')
    throw new AgentError('usage', 'make-csr needs --state-dir and --node-name');
  await new IdentityStore(stateDir).begin(nodeName, await makeKeyAndCsr({ nodeName }));
  return '';
}
