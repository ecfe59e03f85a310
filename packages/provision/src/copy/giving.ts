import { randomBytes, randomInt } from 'node:crypto';
import type { Connection, UploadPeer } from '@muster/ssh';
import { shellQuote } from '@muster/ssh';
import { ProvisionError } from '../provision-error.ts';

/** A host that gives a file to its fellows. */
export type Giver = UploadPeer & {
  /** It takes nobody on any more. Idempotent. */
  end(): Promise<void>;
};

const TRIES = 3;

/**
 * Lets a host give one of its files to whoever shows a token made for this alone: systemd starts a shell for each that comes. It listens at the
 * address by which the host itself was reached, for as long as the command runs: nothing of it outlives the connection, and no key is needed.
 * @throws ProvisionError when it cannot; SshError when the connection is lost
 */
export async function startGiving(connection: Connection, path: string, options: { sudo: boolean; signal: AbortSignal }): Promise<Giver> {
  const token = randomBytes(24).toString('hex');
  for (let tries = 1; ; tries += 1) {
    // Below what Kubernetes keeps for its services.
    const port = randomInt(20_000, 30_000);
    try {
      return await listen(connection, { path, token, port, ...options });
    } catch (error) {
      if (!(error instanceof ProvisionError) || tries === TRIES) throw error;
    }
  }
}

type Listening = { path: string; token: string; port: number; sudo: boolean; signal: AbortSignal };

async function listen(connection: Connection, { path, token, port, sudo, signal }: Listening): Promise<Giver> {
  const own = await connection.exec('echo "$SSH_CONNECTION"', { label: 'look at the own address', timeoutSeconds: 30, signal });
  const [, , address = ''] = own.stdout.trim().split(' ');
  if (!/^[0-9a-fA-F:.]+$/u.test(address)) throw new ProvisionError(`${connection.host.name} does not say by which address it was reached.`);
  const isOver = Promise.withResolvers<void>();
  const isReady = Promise.withResolvers<void>();
  const input = async function* (): AsyncGenerator<Uint8Array> {
    await isOver.promise;
    yield* [];
  };
  const ended = connection
    .exec(givingScript({ path, token, port, address }), {
      label: 'give to fellows',
      sudo,
      signal,
      stdin: input(),
      onOutput: ({ stream, data }) => {
        if (stream === 'stdout' && data.toString('latin1').includes('giving')) isReady.resolve();
      },
    })
    .then(
      () => isReady.reject(new ProvisionError(`${connection.host.name} cannot give to its fellows.`)),
      (error: unknown) => isReady.reject(error),
    );
  await isReady.promise;
  const end = async (): Promise<void> => {
    isOver.resolve();
    await ended;
  };
  return { address, port, token, end };
}

/** What is started for each fellow: nothing is read of it but one line, within seconds. */
const ONE_FELLOW =
  'IFS=" " read -t 20 -r token offset && [ "$token" = "$MUSTER_TOKEN" ] || exit 1; case $offset in *[!0-9]*|"") exit 1;; 0) exec cat -- "$MUSTER_FILE";; esac; exec tail -c "+$((offset + 1))" -- "$MUSTER_FILE"';

function givingScript({ path, token, port, address }: { path: string; token: string; port: number; address: string }): string {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return `MUSTER_TOKEN=${token} MUSTER_FILE=${shellQuote(path)}
export MUSTER_TOKEN MUSTER_FILE
command -v bash >/dev/null && command -v systemd-socket-activate >/dev/null || exit 1
systemd-socket-activate --accept --inetd -l ${shellQuote(place)} -E MUSTER_TOKEN -E MUSTER_FILE bash -c ${shellQuote(ONE_FELLOW)} </dev/null >/dev/null 2>&1 &
listener=$!
trap 'kill "$listener" 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM PIPE
tries=0
until bash -c 'exec 3<>/dev/tcp/${address}/${port}' 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 500 ] && kill -0 "$listener" 2>/dev/null || exit 1
  sleep 0.02
done
# Something else may have answered there.
kill -0 "$listener" 2>/dev/null || exit 1
echo giving
timeout 86400 cat >/dev/null`;
}
