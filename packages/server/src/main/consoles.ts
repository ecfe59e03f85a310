import { join } from 'node:path';
import { makeRecordingLoop } from '@muster/controllers';
import { openConnection } from '@muster/ssh';
import { ConsoleHub } from '../consoles/console-hub.ts';
import { ConsolesElsewhere } from '../consoles/consoles-elsewhere.ts';
import { ipmiBackend } from '../consoles/ipmi-backend.ts';
import { Recorder } from '../consoles/recorder.ts';
import { redfishBackend } from '../consoles/redfish-backend.ts';
import { sshBackend } from '../consoles/ssh-backend.ts';
import { chooseConsole } from '../handlers/consoles.ts';
import type { MemberChannel } from '../members/member-channel.ts';
import type { ConsoleApp } from '../http/watch-console.ts';
import type { Shutdown } from '../shutdown.ts';
import type { Agents } from './agents.ts';
import type { Foundation } from './foundation.ts';

/** The consoles of nodes, for people who sit at them. */
export type Consoles = {
  readonly app: ConsoleApp;
  readonly recorder: Recorder;
  /** Begins to delete what is older than it is to be kept; what was started is handed to `shutdown`. */
  start(shutdown: Shutdown): void;
};

export function makeConsoles(
  { config, store, sealer, clock, log, dataDir, serverId, run }: Foundation,
  { keys }: Agents,
  channel: MemberChannel,
): Consoles {
  const recorder = new Recorder({ folder: config.consoles.folder ?? join(dataDir, 'consoles'), clock, log });
  const hub = new ConsoleHub({
    store,
    backends: {
      ipmi: ipmiBackend({ store, sealer }),
      ssh: sshBackend({ store, keys, connect: openConnection }),
      redfish: redfishBackend({ store, sealer, connect: openConnection }),
    },
    choose: (node) => chooseConsole({ store, execEnabled: config.exec.enabled }, node),
    holder: { serverId, run },
    log,
    ...(config.consoles.record === 'on' ? { recorder } : {}),
  });
  const elsewhere = new ConsolesElsewhere({ channel, store });
  const old = makeRecordingLoop({ recorder, log, keepDays: config.consoles.keepDays });
  return {
    app: { hub, store, log, elsewhere },
    recorder,
    start: (shutdown) => {
      old.start();
      shutdown.add('old recordings of consoles', () => old.stop());
      shutdown.add('consoles', () => hub.stop());
      shutdown.add('consoles of other servers', () => elsewhere.stop());
    },
  };
}
