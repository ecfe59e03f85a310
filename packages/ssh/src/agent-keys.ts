import { execFile } from 'node:child_process';
import ssh2, { type IdentityCallback, type ParsedKey } from 'ssh2';

/** An agent on this machine answers in milliseconds; a forwarded one over a dead line never does. */
const AGENT_PATIENCE_SECONDS = 5;

/** What an ssh-agent offers, or why it offers nothing. */
export interface AgentKeys {
  readonly keys: readonly ParsedKey[];
  readonly problem?: string | undefined;
}

/** Asks the agent at `socketPath` for its keys. Never rejects: an agent that is gone only means that there are no keys. */
export function listAgentKeys(socketPath: string): Promise<AgentKeys> {
  return new Promise((resolve) => {
    const giveUp = (reason: string): void => {
      resolve({ keys: [], problem: `ssh-agent at ${socketPath} gives no keys: ${reason}` });
    };
    const timer = setTimeout(() => giveUp('no answer'), AGENT_PATIENCE_SECONDS * 1000);
    new ssh2.OpenSSHAgent(socketPath).getIdentities((error, keys) => {
      clearTimeout(timer);
      if (error) {
        giveUp(error.message);
      } else {
        resolve({ keys: (keys ?? []).flatMap(toParsedKey) });
      }
    });
  });
}

/** Whether the agent holds what only OpenSSH can show: certificates, security keys. ssh2 passes over them without a word. Never rejects. */
export function agentHoldsBeyondUs(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: AGENT_PATIENCE_SECONDS * 1000, env: { ...process.env, SSH_AUTH_SOCK: socketPath } };
    execFile('ssh-add', ['-L'], options, (_error, stdout) => resolve(/^(?:sk-|\S+-cert-v01@openssh\.com )/mu.test(stdout)));
  });
}

/** Keys of kinds ssh2 does not know (certificates, security keys) are left out. */
function toParsedKey(entry: ParsedKey | { readonly pubKey: unknown }): ParsedKey[] {
  return 'getPublicSSH' in entry ? [entry] : [];
}

/** The agent at a socket, showing exactly one of its keys: so the order of attempts is ours and not the agent's. */
export class OneKeyAgent extends ssh2.OpenSSHAgent {
  readonly #key: ParsedKey;

  constructor(socketPath: string, key: ParsedKey) {
    super(socketPath);
    this.#key = key;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(null, [this.#key]);
  }
}
