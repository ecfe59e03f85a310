import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@muster/ssh';
import { ProvisionError } from '../provision-error.ts';

/** Lets go; resolves when others can work on the host, or when that is not known after some seconds. Never rejects. */
export type Release = () => Promise<void>;

const releaseWaitMs = 5000;
/** A client that is silent for longer than the other has lost its hold. */
const [signOfLifeMs, silenceSeconds] = [20_000, 90];
/** In a folder that only root writes to: in /run/lock anybody could keep every run off. */
const lockPath = '/run/muster-run.lock';
const label = 'hold the host';
const heldStatus = 75;

/**
 * Holds a lock for as long as its standard input brings signs of life. The lock is the kernel's and ends with the session, however that
 * ends. Who holds it stands in a file beside it. Work of an earlier run that outlived its session is waited for.
 */
const holdScript = `
read -r who
command -v flock >/dev/null || { echo 'flock is missing (package util-linux)' >&2; exit 1; }
exec 9>> ${lockPath}
# A run that was killed a moment ago may still have to be noticed by the SSH server.
if ! flock -w 3 9; then
  printf 'held by %s\\n' "$(cat ${lockPath}.holder 2>/dev/null)"
  exit ${heldStatus}
fi
printf '%s\\n' "$who" > ${lockPath}.holder
if ! ( exec 8>> /run/muster-work.lock; flock -w 300 8 ); then
  echo 'held by work of an earlier run that has not ended'
  exit ${heldStatus}
fi
echo taken
while [ -n "$(timeout ${silenceSeconds} dd bs=1 count=1 status=none 2>/dev/null)" ]; do :; done
rm -f ${lockPath}.holder
`;

/**
 * Keeps other runs off a host until the returned function is called or the connection ends. `who` is told to those others. When the hold
 * is lost, the connection is closed: what goes on without it would not be alone.
 * @throws ProvisionError naming who holds the host
 */
export async function holdHost(connection: Connection, who: string, signal: AbortSignal): Promise<Release> {
  const released = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  let isReleased = false;
  const held = connection.exec(holdScript, {
    label,
    sudo: true,
    signal,
    stdin: signsOfLife(`${who}\n`, released.promise),
    onOutput: ({ stream, data }) => {
      if (stream === 'stdout' && /^taken$/mu.test(data.toString())) taken.resolve();
    },
  });
  const ended = held.then(({ exitCode, stdout, stderr }) => {
    if (exitCode !== heldStatus) throw new ProvisionError(`${label} failed: ${stderr.trim() || 'the hold was lost'}`, { command: label });
    throw heldByAnother(connection.host.name, stdout.trim(), who);
  });
  ended.catch(() => (isReleased ? undefined : connection.close()));
  await Promise.race([taken.promise, ended]);
  return async () => {
    isReleased = true;
    released.resolve();
    await Promise.race([ended.catch(() => undefined), sleep(releaseWaitMs, undefined, { ref: false })]);
  };
}

function heldByAnother(name: string, said: string, who: string): ProvisionError {
  if (said === `held by ${who}`)
    return new ProvisionError(`${name} is the same machine as another host of the inventory. Leave one of the two names out.`);
  const holder = said.replace(/^held by /u, '') || 'nobody says by whom';
  return new ProvisionError(`${name} is being worked on by another run: ${holder}. Wait for its end, then run the same command again.`);
}

/** Standard input that says `line` and then, again and again until `end`, that somebody is there. */
export async function* signsOfLife(line: string, end: Promise<void>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(line);
  let isOver = false;
  const over = end.then(() => {
    isOver = true;
  });
  for (;;) {
    await Promise.race([over, sleep(signOfLifeMs, undefined, { ref: false })]);
    if (isOver) return;
    yield Buffer.from('.');
  }
}
