import { makeKeyAndCsr } from '@muster/trust';
import { onTestFinished } from 'vitest';
import { AdoptionState } from '../src/adoption/adoption-state.ts';
import { runHooks } from '../src/adoption/hooks.ts';
import { PublishedFolder } from '../src/adoption/published-folder.ts';
import { servicePlaces } from '../src/adoption/service-places.ts';
import { startAgent, type AgentParts, type RunningAgent } from '../src/agent.ts';
import { systemClock } from '../src/clock.ts';
import { streamProgram } from '../src/journal/stream-program.ts';
import type { RunProgram } from '../src/run-program.ts';
import { IdentityStore } from '../src/state/identity-store.ts';
import { TrustStore } from '../src/state/trust-store.ts';
import { TaskJournal } from '../src/tasks/task-journal.ts';
import { fakeLog } from './fake-log.ts';

export type AgentUnderTest = { readonly agent: RunningAgent; readonly lines: string[] };

/** A whole agent in this process, in real time, on the machine it runs on; its keys are made without a child process. */
export async function runAgent(stateDir: string, parts: Partial<AgentParts> = {}): Promise<AgentUnderTest> {
  const { log, lines } = fakeLog();
  const places = servicePlaces(stateDir);
  const absent: RunProgram = () => Promise.resolve({ kind: 'absent' });
  const store = parts.store ?? new IdentityStore(stateDir);
  const agent = await startAgent({
    clock: systemClock,
    log,
    config: { watch: [], logLevel: 'debug' },
    stateDir,
    store,
    journal: await TaskJournal.open(stateDir),
    sources: { read: () => Promise.resolve(undefined), run: () => Promise.resolve({ kind: 'absent' }) },
    stream: streamProgram,
    trust: new TrustStore(stateDir, parts.files),
    adoptionState: new AdoptionState(stateDir, parts.files),
    published: new PublishedFolder(places.pki, stateDir, parts.files),
    runHooks: (call) => runHooks({ folder: places.hooks, run: absent, usesSystemd: () => Promise.resolve(false), timeoutSeconds: 5 }, call),
    makeKey: async (nodeName) => void (await store.begin(nodeName, await makeKeyAndCsr({ nodeName }))),
    ...parts,
  });
  onTestFinished(() => agent.stop());
  return { agent, lines };
}

/** The longest silence between heartbeats, milliseconds. */
export const longestGapMs = (times: readonly number[]): number => Math.max(...times.slice(1).map((time, index) => time - times[index]!));
