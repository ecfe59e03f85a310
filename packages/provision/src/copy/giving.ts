import { randomBytes, randomInt } from 'node:crypto';
import type { Connection, Taking, UploadPeer } from '@muster/ssh';
import { shellQuote } from '@muster/ssh';
import { ProvisionError } from '../provision-error.ts';

/** A host that gives a file to its fellows. */
export type Giver = UploadPeer & {
  /** It takes nobody on any more. Idempotent. */
  end(): Promise<void>;
};

const TRIES = 3;

/** The file that a host gives, of so many bytes; while it is `taking` it from another, what has come of it so far, and the rest as it comes. */
export type Given = { readonly path: string; readonly sizeBytes: number; readonly taking?: Taking };

/**
 * Lets a host give one of its files to whoever shows a token made for this alone: systemd starts a shell for each that comes. It listens at the
 * address by which the host itself was reached, for as long as the command runs: nothing of it outlives the connection, and no key is needed.
 * @throws ProvisionError when it cannot; SshError when the connection is lost
 */
export async function startGiving(connection: Connection, given: Given, options: { sudo: boolean; signal: AbortSignal }): Promise<Giver> {
  const token = randomBytes(24).toString('hex');
  for (let tries = 1; ; tries += 1) {
    // Below what Kubernetes keeps for its services.
    const port = randomInt(20_000, 30_000);
    try {
      return await listen(connection, { given, token, port, ...options });
    } catch (error) {
      if (!(error instanceof ProvisionError) || tries === TRIES) throw error;
    }
  }
}

type Listening = { given: Given; token: string; port: number; sudo: boolean; signal: AbortSignal };

async function listen(connection: Connection, { given, token, port, sudo, signal }: Listening): Promise<Giver> {
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
    .exec(givingScript(given, { token, port, address }), {
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

/** Descriptor 4 from where it stands, and what comes to it while its writer lives. One process that looks again and again costs next to nothing. */
const FOLLOW = `($size, $writer) = @ARGV; open(my $file, "<&=4") or exit 1;
for (;;) {
  my $lives = kill(0, $writer); my $got;
  while ($got = sysread($file, my $piece, 1 << 20)) {
    for (my $at = 0; $at < $got; ) { my $sent = syswrite(STDOUT, $piece, $got - $at, $at); defined $sent or exit 1; $at += $sent; }
  }
  exit(defined $got ? 0 : 1) if !defined $got || !$lives || sysseek($file, 0, 1) >= $size;
  select(undef, undef, undef, 0.02);
}`;

/**
 * What is started for each fellow: nothing is read of it but one line, within seconds. Of a file that is still growing the rest follows as it
 * comes, by one descriptor, which also stays with it when it is renamed; it ends short where its writer does, and the fellow will see that.
 */
const ONE_FELLOW = `IFS=" " read -t 20 -r token offset && [ "$token" = "$MUSTER_TOKEN" ] || exit 1
case $offset in *[!0-9]*|"") exit 1;; esac
{ [ -n "$MUSTER_GROWING" ] && exec 4<"$MUSTER_GROWING"; } 2>/dev/null || exec 4<"$MUSTER_FILE" || exit 1
[ "$offset" = 0 ] || tail -c "+$((offset + 1))" <&4 || exit 1
[ -n "$MUSTER_WRITER" ] || exec cat <&4
command -v perl >/dev/null && exec perl -e "$MUSTER_FOLLOW" "$MUSTER_SIZE" "$MUSTER_WRITER"
while read -r _ place <"/proc/$$/fdinfo/4" && [ "$place" -lt "$MUSTER_SIZE" ] && kill -0 "$MUSTER_WRITER" 2>/dev/null; do
  cat <&4 || exit 1
  read -t 0.25 -r _
done
exec cat <&4`;

type Door = { readonly token: string; readonly port: number; readonly address: string };

function givingScript({ path, sizeBytes, taking }: Given, { token, port, address }: Door): string {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const writer = taking === undefined ? '' : `MUSTER_GROWING=${shellQuote(taking.path)} MUSTER_WRITER=${taking.pid}`;
  const passed = ['TOKEN', 'FILE', 'SIZE', 'GROWING', 'WRITER', 'FOLLOW'].map((name) => `-E MUSTER_${name}`).join(' ');
  return `MUSTER_TOKEN=${token} MUSTER_FILE=${shellQuote(path)} MUSTER_SIZE=${sizeBytes} MUSTER_GROWING= MUSTER_WRITER=
${writer}
MUSTER_FOLLOW=${shellQuote(FOLLOW)}
export MUSTER_TOKEN MUSTER_FILE MUSTER_SIZE MUSTER_GROWING MUSTER_WRITER MUSTER_FOLLOW
command -v bash >/dev/null && command -v systemd-socket-activate >/dev/null || exit 1
systemd-socket-activate --accept --inetd -l ${shellQuote(place)} ${passed} bash -c ${shellQuote(ONE_FELLOW)} </dev/null >/dev/null 2>&1 &
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
