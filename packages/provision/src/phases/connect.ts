import type { Phase } from '../engine/phase.ts';
import { becomeRoot } from '../host/become-root.ts';
import { holdHost } from '../host/run-lock.ts';

/**
 * Logs in and becomes root once, so that whatever stands in the way of either is known before anything is touched; and keeps other runs
 * off the host, unless this one only looks.
 */
export const connectPhase: Phase<undefined> = {
  name: 'connect',
  concerns: () => true,
  informs: true,
  observe: async (host, run) => {
    host.connection = await run.connect(host.host);
    await becomeRoot(host.connection, host.host.name, run.signal);
    if (!run.dryRun && host.part === undefined) host.release = await holdHost(host.connection, run.holder, run.signal);
    return undefined;
  },
  plan: () => [],
};
