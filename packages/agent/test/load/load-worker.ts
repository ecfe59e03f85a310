/* One process of the load generator: so many agents, each with its own key and certificate, by the agent's own Link and Session. */
import { protocolVersion } from '@muster/api/agent';
import { systemClock } from '../../src/clock.ts';
import { boundedServers } from '../../src/connection/bounded-settings.ts';
import { Link } from '../../src/connection/link.ts';
import type { Log } from '../../src/log.ts';
import type { Identity } from '../../src/state/identity.ts';
import { agentVersion } from '../../src/version.ts';
import { enrolForLoad } from './enrol-for-load.ts';
import type { LoadEvent } from './load-report.ts';

export type LoadWork = {
  readonly tokens: readonly { readonly token: string; readonly index: number }[];
  /** Agents begin with these in turn; none: as the servers say. */
  readonly servers: readonly string[];
};

const enrolAtOnce = 8;
const quiet = (): void => undefined;
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const tell = (agent: number, server: string | null): void => {
  const event: LoadEvent = { agent, atMs: Date.now(), server };
  process.send?.(event);
};

/** From the one with this number on, and round. */
const turned = (servers: readonly string[], by: number): string[] => {
  const at = by % servers.length;
  return [...servers.slice(at), ...servers.slice(0, at)];
};

function startAgent(identity: Identity, index: number, servers: readonly string[]): Link {
  let server: string | undefined;
  const ordered = turned(servers, index);
  const link = new Link(
    {
      clock: systemClock,
      log: {
        ...log,
        info: (text, fields) => {
          if (text === 'connected') server = String(fields?.['server']);
        },
      },
      hello: () => ({ type: 'hello', protocol: protocolVersion, agentVersion, bootId: `load-${index}`, clockMs: Date.now() }),
      rootsPem: () => '',
      onWelcome: () => tell(index, server ?? ''),
      onSettings: quiet,
      onMessage: (message) => {
        if (message.type === 'move') link.move(boundedServers(message.servers), message.withinSeconds);
      },
      onLost: () => tell(index, null),
    },
    [identity],
    ordered,
  );
  link.start();
  return link;
}

process.on('message', ({ tokens, servers }: LoadWork) => {
  const waiting = [...tokens];
  const enrolSome = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      startAgent(await enrolForLoad(next.token, next.index), next.index, servers);
  };
  Promise.all(Array.from({ length: enrolAtOnce }, enrolSome)).catch((error: unknown) => {
    process.stderr.write(`load worker: ${String(error)}\n`);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
