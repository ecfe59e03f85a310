import { type Connection, isSshError, type openConnection, pinnedHostKeys, type SshError, type Terminal } from '@muster/ssh';
import type { Store } from '@muster/store';
import { controlTarget, nobodysKeys } from '../agents/agent-control.ts';
import type { ControlKeyRing } from '../agents/control-key.ts';
import { type ConsoleBackend, type ConsoleEvents, type ConsolePlace, noConsole } from './console-backend.ts';

export type SshBackendParts = {
  readonly store: { readonly agentControl: Pick<Store['agentControl'], 'get'> };
  readonly keys: Pick<ControlKeyRing, 'key'>;
  /** `openConnection` of the SSH room. */
  readonly connect: typeof openConnection;
};

/** What is run there: root's login shell, as on a serial console after the login. */
const shellRequest = 'exec sudo -n -i';
const connectSeconds = 10;

/** A shell as root on the node itself, by the way on which the server executes runs. */
export function sshBackend({ store, keys, connect }: SshBackendParts): ConsoleBackend {
  return {
    open: async (place, events, signal) => {
      const { node } = place;
      const control = await store.agentControl.get(node.id);
      if (control === undefined)
        throw noConsole(`${node.name}: the server has no way to it over SSH any more. Run \`muster apply\` for it.`);
      const target = controlTarget(node, control, (await keys.key()).privateKeyPem);
      const options = { hostKeys: pinnedHostKeys(control.hostKeys), keys: nobodysKeys, connectTimeoutSeconds: connectSeconds, signal };
      const connection = await connect(target, options).catch((error: unknown) => {
        throw refusalOf(node.name, error);
      });
      return openShell(connection, shellRequest, place, events);
    },
  };
}

/** A terminal on a connection that ends with it. @throws ProblemError */
export async function openShell(connection: Connection, request: string, { node, size }: ConsolePlace, { onOutput, onEnd }: ConsoleEvents) {
  let isClosed = false;
  const onOver = ({ lost }: { readonly lost: SshError | undefined }) => {
    void connection.close();
    if (!isClosed) onEnd(lost === undefined ? `The shell on ${node.name} has ended.` : lost.message);
  };
  let terminal: Terminal;
  try {
    terminal = await connection.openTerminal(request, { ...size, onOutput, onEnd: onOver });
  } catch (error) {
    await connection.close();
    throw refusalOf(node.name, error);
  }
  return {
    write: (bytes: Uint8Array) => terminal.write(bytes),
    resize: (to: ConsolePlace['size']) => terminal.resize(to),
    close: async () => {
      isClosed = true;
      terminal.close();
      await connection.close();
    },
  };
}

function refusalOf(nodeName: string, error: unknown): unknown {
  if (!isSshError(error)) return error;
  if (error.kind !== 'authFailed' && error.kind !== 'channelRefused') return noConsole(error.message, error);
  const why =
    error.kind === 'authFailed'
      ? "the login with the server's key was refused"
      : 'it gives the server no terminal, which is newer than its last run';
  return noConsole(`${nodeName}: ${why}. Run \`muster apply\` for it.`, error);
}
