import { homedir } from 'node:os';
import { type ClusterHost, loginOf } from '@muster/provision';
import { type Connection, HostOpener, type HostKeyPolicy, KeyRing } from '@muster/ssh';
import { askSecret, askYesNo, canAsk } from './ask.ts';
import type { LoginOptions } from './ssh-options.ts';

/** Opens the connection of a host with the operator's keys, agent, configuration and known hosts; shared by all hosts of a run. */
export type Connector = (host: ClusterHost) => Promise<Connection>;

export function makeConnector(options: LoginOptions, signal: AbortSignal): Connector {
  const ask = canAsk();
  const keys = new KeyRing({ agentSocket: process.env['SSH_AUTH_SOCK'], ...(ask ? { promptSecret: ({ text }) => askSecret(text) } : {}) });
  const opener = new HostOpener({
    keys,
    policy: policyOf(options),
    files: options.knownHosts === undefined ? undefined : [options.knownHosts],
    confirmHostKey: ask ? ({ text }) => askYesNo(text) : undefined,
    user: options.user,
    privateKeyFile: options.privateKey,
    connectTimeoutSeconds: options.timeout,
    config: { file: options.sshConfig, onNotice: (text) => void process.stderr.write(`${text}\n`) },
    transport: options.transport,
    signal,
  });
  const becomePassword = askedOnce(options.askBecomePass === true);
  return async (host) =>
    await opener.open(loginOf(host, homedir()), {
      sudoPassword: async () => host.connection.becomePassword ?? (await becomePassword()),
    });
}

/** What the command line says; undefined leaves it to the SSH configuration. */
function policyOf({ hostKeyChecking, acceptNew }: LoginOptions): HostKeyPolicy | undefined {
  if (hostKeyChecking === false) return 'no';
  if (acceptNew === true) return 'acceptNew';
  return hostKeyChecking === true ? 'ask' : undefined;
}

/** A password asked for at its first use, or never. All hosts that come meanwhile wait for the same answer. */
function askedOnce(wanted: boolean): () => Promise<string | undefined> {
  let answer: Promise<string> | undefined;
  return async () => (wanted ? (answer ??= askSecret('Password for sudo on the hosts')) : undefined);
}
