import type { Phase } from '../engine/phase.ts';

/** Logs in and becomes root once, so that whatever stands in the way of either is known before anything is touched. */
export const connectPhase: Phase<undefined> = {
  name: 'connect',
  concerns: () => true,
  observe: async (host, run) => {
    host.connection = await run.connect(host.host);
    await host.connection.exec(['true'], { sudo: true, timeoutSeconds: 30, signal: run.signal, label: 'sudo' });
    return undefined;
  },
  plan: () => [],
};
