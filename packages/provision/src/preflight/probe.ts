import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, shellQuote } from '@muster/ssh';
import { signsOfLife } from '../host/run-lock.ts';
import { runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { perlListener, perlProbe } from './probe-perl.ts';
import { pythonListener, pythonProbe } from './probe-python.ts';

/** How an attempt to reach a port ended. `other`: something answered, but not the listener of this run. */
export type ProbeResult = 'ok' | 'refused' | 'unreachable' | 'timeout' | 'other';

/** How long an answer is waited for; a datagram is sent again meanwhile. */
const waitSeconds = 5;
const startSeconds = 60;

/** A host that listens for the others of a run. */
export type ProbeListener = {
  /** Ports of ours, as `tcp/6443`; all others that were asked for are held by another program. */
  readonly bound: ReadonlySet<string>;
  close(): Promise<void>;
};

const listenerScript = (probe: string): string =>
  probe === 'perl' ? `exec perl -e ${shellQuote(perlListener)}` : `exec ${shellQuote(probe)} -c ${shellQuote(pythonListener)}`;
const probeScript = (probe: string): string =>
  probe === 'perl' ? `exec perl -e ${shellQuote(perlProbe)}` : `exec ${shellQuote(probe)} -c ${shellQuote(pythonProbe)}`;

/**
 * Listens on ports of a host until the listener is closed or the connection ends; changes nothing there. `word` is what it sends.
 * @throws ProvisionError when it does not come up
 */
export async function listenOn(
  connection: Connection,
  probe: string,
  { ports, word, signal }: { readonly ports: readonly string[]; readonly word: string; readonly signal: AbortSignal },
): Promise<ProbeListener> {
  const closed = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  let said = '';
  const label = 'listen for the other hosts';
  const ended = connection.exec(listenerScript(probe), {
    label,
    sudo: true,
    signal,
    stdin: signsOfLife(`${word} ${ports.join(' ')}\n`, closed.promise),
    onOutput: ({ stream, data }) => {
      if (stream === 'stdout') said += data.toString();
      if (/^ready$/mu.test(said)) ready.resolve();
    },
  });
  const failed = ended.then(({ stderr }) => {
    throw new ProvisionError(`${label} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`, { command: label });
  });
  failed.catch(() => undefined);
  const close = async (): Promise<void> => {
    closed.resolve();
    await Promise.race([ended.catch(() => undefined), sleep(5000, undefined, { ref: false })]);
  };
  const late = sleep(startSeconds * 1000, undefined, { ref: false }).then(() => {
    throw new ProvisionError(`${label} did not come up within ${startSeconds} s`, { command: label });
  });
  late.catch(() => undefined);
  try {
    await Promise.race([ready.promise, failed, late]);
  } catch (error) {
    await close();
    throw error;
  }
  return { bound: new Set([...said.matchAll(/^bound (\S+)$/gmu)].map((match) => match[1] ?? '')), close };
}

/** A port of another host to be tried; `isOurs`: a listener of this run is behind it. */
export type Attempt = { readonly protocol: 'tcp' | 'udp'; readonly address: string; readonly port: number; readonly isOurs: boolean };

export const attemptName = ({ protocol, address, port }: Omit<Attempt, 'isOurs'>): string => `${protocol} ${address} ${port}`;

/** Tries ports of other hosts from a host, all at once; how each ended, by its name. What is not said ended in no answer. */
export async function tryPorts(
  connection: Connection,
  probe: string,
  { attempts, word, signal }: { readonly attempts: readonly Attempt[]; readonly word: string; readonly signal: AbortSignal },
): Promise<Map<string, ProbeResult>> {
  const lines = attempts.map((one) => `${attemptName(one)} ${one.isOurs ? 'bound' : 'busy'}`);
  const output = await runScript(connection, probeScript(probe), {
    label: 'look whether the other hosts answer',
    stdin: `${word} ${waitSeconds}\n${lines.join('\n')}\n`,
    timeoutSeconds: 60 + (waitSeconds + 1) * Math.ceil(attempts.length / 200),
    maxOutputBytes: 64 * 1024 * 1024,
    signal,
  });
  const said = [...output.matchAll(/^((?:tcp|udp) \S+ \d+) (ok|refused|unreachable|timeout|other)$/gmu)];
  return new Map(said.map((match) => [match[1] ?? '', match[2] as ProbeResult]));
}
