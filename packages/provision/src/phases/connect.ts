import type { Phase } from '../engine/phase.ts';
import { becomeRoot } from '../host/become-root.ts';

/** Logs in and becomes root once, so that whatever stands in the way of either is known before anything is touched. */
export const connectPhase: Phase<undefined> = {
  name: 'connect',
  concerns: () => true,
  observe: async (host, run) => {
    host.connection = await run.connect(host.host);
    await becomeRoot(host.connection, host.host.name, run.signal);
    return undefined;
  },
  plan: () => [],
};
