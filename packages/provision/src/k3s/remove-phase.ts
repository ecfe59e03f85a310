import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { lookForK3s, removeK3s } from './remove-script.ts';

type Observed = { readonly found: readonly string[] };

/** Takes k3s off a host where a run has put it, in whatever state it is. */
export const k3sRemovePhase: Phase<Observed> = {
  name: 'k3s',
  concerns: () => true,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), lookForK3s, { label: 'look for k3s', sudo: true, signal: run.signal });
    return { found: output.split('\n').filter((line) => line !== '') };
  },
  plan: ({ found }) => (found.length === 0 ? [] : [{ what: 'stop k3s and remove its containers, mounts, interfaces, rules and files' }]),
  act: async (_observed, host, run) => {
    await runScript(connectionOf(host), removeK3s, { label: 'remove k3s', sudo: true, signal: run.signal, timeoutSeconds: 600 });
  },
};
