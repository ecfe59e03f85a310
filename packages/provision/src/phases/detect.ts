import { connectionOf } from '../engine/host-run.ts';
import type { Phase } from '../engine/phase.ts';
import { detectScript } from '../host/detect-script.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { clusterAddress } from '../host/preflight.ts';
import { runScript } from '../host/run-script.ts';

/** Finds out what each host is. */
export const detectPhase: Phase<undefined> = {
  name: 'detect',
  concerns: () => true,
  informs: true,
  observe: async (host, run) => {
    const output = await runScript(connectionOf(host), detectScript, {
      label: 'look at the host',
      // Only root is told whose a listening socket is.
      sudo: true,
      signal: run.signal,
    });
    host.facts = readHostFacts(output, run.nowMs());
    const address = clusterAddress(host.host, host.facts, connectionOf(host).host.address);
    if (address !== undefined) host.address = address;
    return undefined;
  },
  plan: () => [],
};
