import { homedir, userInfo } from 'node:os';
import { type ClusterHost, type LocalUser, targetOf } from '@muster/provision';
import { type Connection, createHostKeyChecker, type HostKeyPolicy, KeyRing, openConnection } from '@muster/ssh';
import { askSecret, askYesNo, canAsk } from './ask.ts';
import type { SshOptions } from './ssh-options.ts';

/** Opens the connection of a host with the operator's keys, agent and known hosts; shared by all hosts of a run. */
export type Connector = (host: ClusterHost) => Promise<Connection>;

export function makeConnector(options: SshOptions, signal: AbortSignal): Connector {
  const ask = canAsk();
  const policy: HostKeyPolicy = options.hostKeyChecking ? (options.acceptNew === true ? 'acceptNew' : 'ask') : 'no';
  const files = options.knownHosts === undefined ? {} : { files: [options.knownHosts] };
  const hostKeys = createHostKeyChecker({ policy, ...files, ...(ask ? { confirmHostKey: ({ text }) => askYesNo(text) } : {}) });
  const unchecked = createHostKeyChecker({ policy: 'no', ...files });
  const keys = new KeyRing({ agentSocket: process.env['SSH_AUTH_SOCK'], ...(ask ? { promptSecret: ({ text }) => askSecret(text) } : {}) });
  const user = localUser();
  const becomePassword = askedOnce(options.askBecomePass === true);
  return (host) => {
    const target = targetOf(host, options.user === undefined ? user : { ...user, name: options.user });
    const key = target.privateKeyFile ?? options.privateKey;
    return openConnection(key === undefined ? target : { ...target, privateKeyFile: key }, {
      hostKeys: host.connection.isHostKeyChecked === false ? unchecked : hostKeys,
      keys,
      connectTimeoutSeconds: host.connection.connectTimeoutSeconds ?? options.timeout,
      sudoPassword: async () => host.connection.becomePassword ?? (await becomePassword()),
      signal,
    });
  };
}

/** A password asked for at its first use, or never. All hosts that come meanwhile wait for the same answer. */
function askedOnce(wanted: boolean): () => Promise<string | undefined> {
  let answer: Promise<string> | undefined;
  return async () => (wanted ? (answer ??= askSecret('Password for sudo on the hosts')) : undefined);
}

function localUser(): LocalUser {
  return { name: userInfo().username, home: homedir() };
}
