import { makeKeyAndCsr } from '@muster/trust';
import { onTestFinished } from 'vitest';
import { startAgent, type AgentParts, type RunningAgent } from '../src/agent.ts';
import { systemClock } from '../src/clock.ts';
import { IdentityStore } from '../src/state/identity-store.ts';
import { fakeLog } from './fake-log.ts';

export type AgentUnderTest = { readonly agent: RunningAgent; readonly lines: string[] };

/** A whole agent in this process, in real time, on the machine it runs on; its keys are made without a child process. */
export async function runAgent(stateDir: string, parts: Partial<AgentParts> = {}): Promise<AgentUnderTest> {
  const { log, lines } = fakeLog();
  const store = parts.store ?? new IdentityStore(stateDir);
  const agent = await startAgent({
    clock: systemClock,
    log,
    config: { watch: [], logLevel: 'debug' },
    stateDir,
    store,
    sources: { read: () => Promise.resolve(undefined), run: () => Promise.resolve({ kind: 'absent' }) },
    makeKey: async (nodeName) => void (await store.begin(nodeName, await makeKeyAndCsr({ nodeName }))),
    ...parts,
  });
  onTestFinished(() => agent.stop());
  return { agent, lines };
}

/** The longest silence between heartbeats, milliseconds. */
export const longestGapMs = (times: readonly number[]): number => Math.max(...times.slice(1).map((time, index) => time - times[index]!));
