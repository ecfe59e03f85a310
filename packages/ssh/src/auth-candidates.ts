import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2';
import { OneKeyAgent } from './agent-keys.ts';
import { fingerprint } from './host-key.ts';
import type { KeyRing } from './key-ring.ts';
import { openSshFormOf } from './own-key.ts';
import type { SshTarget } from './ssh-target.ts';
import { SshError } from './ssh-error.ts';

/** One way to log in, in the order they are tried. */
export interface AuthCandidate {
  readonly method: 'publickey' | 'password' | 'keyboard-interactive';
  /** What the error names as tried; no secret. */
  readonly label: string;
  /** Makes the attempt ready, which may ask for a passphrase; undefined when there is nothing to try after all. */
  prepare(): Promise<AnyAuthMethod | undefined>;
}

/**
 * All ways to log in to a target, in OpenSSH's order: the key file the inventory names (signed for by the agent if it holds
 * it), the agent's other keys, else the configured or default files, then the password. A program's own key is the only way of its target.
 *
 * Rejects with `keyUnreadable` when the named key file cannot be used: going on without it would only blur the cause.
 */
export async function authCandidates(target: SshTarget, keys: KeyRing): Promise<AuthCandidate[]> {
  if (target.ownKeyPem !== undefined) {
    return [ownCandidate(target.user, target.ownKeyPem)];
  }
  const named = target.privateKeyFile === undefined ? undefined : await namedKey(target, target.privateKeyFile, keys);
  if (named !== undefined) {
    return [named.candidate, ...(await otherAgentKeys(target, keys, [named.publicKey])), ...passwordCandidates(target)];
  }
  const files = (target.identityFiles ?? keys.defaultFiles).map((file) => defaultFileCandidate(target.user, keys, file));
  const configured = await configuredInAgent(target, keys);
  const first = configured.map((key) => agentCandidate(target.user, keys, key));
  const others = await otherAgentKeys(
    target,
    keys,
    configured.map((key) => key.getPublicSSH()),
  );
  return [...first, ...others, ...files, ...passwordCandidates(target)];
}

/** Keys of configured files that the agent holds come first, as in OpenSSH: they need no passphrase. */
async function configuredInAgent(target: SshTarget, keys: KeyRing): Promise<ParsedKey[]> {
  const found = await Promise.all((target.identityFiles ?? []).map((file) => keys.findInAgent(file)));
  return found.filter((key) => key !== undefined);
}

async function otherAgentKeys(target: SshTarget, keys: KeyRing, tried: readonly Buffer[]): Promise<AuthCandidate[]> {
  if (target.identitiesOnly === true) {
    return [];
  }
  const others = (await keys.agentKeys()).keys.filter((key) => !tried.some((one) => key.getPublicSSH().equals(one)));
  return others.map((key) => agentCandidate(target.user, keys, key));
}

async function namedKey(target: SshTarget, file: string, keys: KeyRing): Promise<{ candidate: AuthCandidate; publicKey: Buffer }> {
  const inAgent = await keys.findInAgent(file);
  if (inAgent !== undefined) {
    return { candidate: agentCandidate(target.user, keys, inAgent), publicKey: inAgent.getPublicSSH() };
  }
  const loaded = await keys.load(file);
  if ('problem' in loaded) {
    const { what, advice } = loaded.problem;
    throw new SshError({ kind: 'keyUnreadable', host: target, what, advice });
  }
  return { candidate: fileCandidate(target.user, file, loaded.key), publicKey: loaded.key.getPublicSSH() };
}

function ownCandidate(username: string, ownKeyPem: string): AuthCandidate {
  const key = ssh2.utils.parseKey(openSshFormOf(ownKeyPem));
  if (key instanceof Error) {
    throw key;
  }
  return fileCandidate(username, 'of its own', key);
}

function agentCandidate(username: string, keys: KeyRing, key: ParsedKey): AuthCandidate {
  return {
    method: 'publickey',
    label: `agent key ${key.type} ${fingerprint(key.getPublicSSH())}`,
    prepare: async () => ({ type: 'agent', username, agent: new OneKeyAgent(keys.agentSocket ?? '', key) }),
  };
}

function fileCandidate(username: string, file: string, key: ParsedKey): AuthCandidate {
  return {
    method: 'publickey',
    label: `key ${file} (${key.type} ${fingerprint(key.getPublicSSH())})`,
    prepare: async () => ({ type: 'publickey', username, key }),
  };
}

/** Default files are tried only where they exist and were not tried through the agent; a damaged one is passed over. */
function defaultFileCandidate(username: string, keys: KeyRing, file: string): AuthCandidate {
  return {
    method: 'publickey',
    label: `key ${file}`,
    prepare: async () => {
      if ((await keys.findInAgent(file)) !== undefined) {
        return undefined;
      }
      const loaded = await keys.load(file);
      return 'key' in loaded ? { type: 'publickey', username, key: loaded.key } : undefined;
    },
  };
}

function passwordCandidates(target: SshTarget): AuthCandidate[] {
  const { password, user: username } = target;
  if (password === undefined) {
    return [];
  }
  return [
    { method: 'password', label: 'password', prepare: async () => ({ type: 'password', username, password }) },
    {
      method: 'keyboard-interactive',
      label: 'password (keyboard-interactive)',
      prepare: async () => ({
        type: 'keyboard-interactive',
        username,
        // Only the first hidden question is the password; a second one (a one-time code, say) must not get it.
        prompt: (_name, _instructions, _language, prompts, finish) => {
          const first = prompts.findIndex((prompt) => prompt.echo === false);
          finish(prompts.map((_prompt, index) => (index === first ? password : '')));
        },
      }),
    },
  ];
}
