import { ConsoleHub } from '../src/consoles/console-hub.ts';
import { FakeConsole } from './fake-console.ts';
import { keptLog } from './kept-log.ts';

/** A hub that always gets its hold, on a console that a test speaks for. */
export function hubOnFake() {
  const { log } = keptLog();
  const fake = new FakeConsole();
  const hub = new ConsoleHub({
    store: {
      consoles: {
        take: async (nodeId) => ({ hold: { nodeId, run: 'run', token: 1 } }),
        renew: async () => true,
        release: async () => undefined,
      },
    },
    backends: { ipmi: fake, redfish: fake, ssh: fake },
    choose: async () => ({ kind: 'ipmi' }),
    holder: { serverId: 'one', run: 'run' },
    log,
  });
  return { hub, fake, log };
}
