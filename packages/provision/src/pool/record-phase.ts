import { createHash } from 'node:crypto';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { hashLine, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { certificateFault, issueCertificate } from './certificate.ts';
import { isVoter } from './members.ts';
import { authorityPath, memberCertificatePath, memberKeyPath, poolFolder, recordPath } from './places.ts';
import { newRecord, type PoolMember, type PoolRecord, readRecord, recordText } from './record.ts';

type Observed = { readonly record: string; readonly authority: string; readonly certificate: string; readonly hasKey: boolean };

const lookScript = `
${hashLine('record', recordPath)}
${hashLine('authority', authorityPath)}
printf 'certificate=%s\\n' "$(base64 -w 0 < ${memberCertificatePath} 2>/dev/null)"
if [ -s ${memberKeyPath} ]; then echo key=yes; else echo key=no; fi
`;

/** Whom the pool has, its own authority, a certificate for each of its machines. Made in the first run, and the same on all full members. */
export const poolRecordPhase: Phase<Observed> = {
  name: 'pool',
  informs: true,
  concerns: isVoter,
  before: async (hosts, run) => {
    const records = await Promise.all(hosts.filter(isFull).map((host) => readOf(host, run)));
    run.pool = await recordOf(
      records.filter((one) => one !== undefined),
      run,
    );
  },
  observe: async (host, run) => {
    const lines = readLines(await runScript(connectionOf(host), lookScript, { label: 'look at the pool', sudo: true, signal: run.signal }));
    return {
      record: lines.get('record') ?? 'none',
      authority: lines.get('authority') ?? 'none',
      certificate: Buffer.from(lines.get('certificate') ?? '', 'base64').toString(),
      hasKey: lines.get('key') === 'yes',
    };
  },
  plan: (observed, host, run) => {
    const record = poolOf(run);
    return [
      ...(isFull(host) && observed.record !== sha256(recordText(record)) ? [written(recordPath, observed.record)] : []),
      ...(observed.authority === sha256(record.authority.rootPem) ? [] : [written(authorityPath, observed.authority)]),
      ...certificateChange(observed, host, run),
    ];
  },
  act: async (observed, host, run) => {
    const connection = connectionOf(host);
    const record = poolOf(run);
    const options = { label: `make ${poolFolder}`, sudo: true, signal: run.signal };
    await runScript(connection, `mkdir -p -m 0755 /etc/muster ${poolFolder}`, options);
    const put = (path: string, content: string, mode: number) => writeManaged(connection, { path, content, mode }, run.signal);
    // First: a certificate of an authority that nobody has kept would be worth nothing.
    if (isFull(host)) await put(recordPath, recordText(record), 0o600);
    await put(authorityPath, record.authority.rootPem, 0o644);
    if (certificateChange(observed, host, run).length === 0) return;
    const { keyPem, chainPem } = await issueCertificate(memberOf(host.host.name, run), record, new Date(run.nowMs()));
    // The key first: a certificate without it is found, and made anew.
    await runScript(connection, `rm -f ${memberCertificatePath}`, { ...options, label: 'take the old certificate of the pool away' });
    await put(memberKeyPath, keyPem, 0o600);
    await put(memberCertificatePath, chainPem, 0o644);
  },
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Without the content: it is secret, or says nothing to anybody. */
const written = (path: string, hash: string): Change => ({ what: `${hash === 'none' ? 'write' : 'change'} ${path}` });

const isFull = ({ host }: HostRun): boolean => host.roles.includes('database');

function certificateChange({ certificate, hasKey }: Observed, host: HostRun, run: Run): Change[] {
  const fault = hasKey ? certificateFault(certificate, memberOf(host.host.name, run), poolOf(run), new Date(run.nowMs())) : 'it has none';
  return fault === undefined ? [] : [{ what: `issue a certificate of the pool to ${host.host.name} (${fault})` }];
}

/** The record of the pool of a run. @throws ProvisionError where the phase that reads it has failed */
export function poolOf(run: Run): PoolRecord {
  if (run.pool !== undefined) return run.pool;
  throw new ProvisionError(
    'The record of the pool could not be read on any of its members. Mend one of them first, then run the same command again.',
  );
}

/** A machine of the pool as the others know it. */
export function memberOf(name: string, run: Run): PoolMember {
  const member = poolOf(run).members.find((one) => one.name === name);
  if (member !== undefined) return member;
  throw new ProvisionError(`${name} is not in the record of the pool.`);
}

async function readOf(host: HostRun, run: Run): Promise<PoolRecord | undefined> {
  const script = `cat ${recordPath} 2>/dev/null || true`;
  const text = await runScript(connectionOf(host), script, { label: 'look at the record of the pool', sudo: true, signal: run.signal });
  return text.trim() === '' ? undefined : readRecord(text, host.host.name);
}

/** What is kept on a member counts; a new pool is made only where every voter takes part, so that all get of it what they have to keep. */
async function recordOf(found: readonly PoolRecord[], run: Run): Promise<PoolRecord> {
  const [kept] = found;
  if (kept === undefined) {
    requireAllVoters(run, 'The pool is made');
    return newRecord(membersOf(run, []), new Date(run.nowMs()));
  }
  if (found.some(({ id }) => id !== kept.id)) {
    throw new ProvisionError(
      'The members are of different pools. Reset those of the one that is not wanted (muster reset), then run the same command again.',
    );
  }
  const known = found.flatMap(({ members }) => members);
  requireAllNamed(known, run);
  // One that a run could not ask is as another one saw it.
  return { ...kept, members: membersOf(run, known) };
}

/**
 * That every voter answers and is in the run, for what is made on all of them at once; not asked where all are only looked at, as nothing is
 * made there. @throws ProvisionError with their names
 */
export function requireAllVoters(run: Run, what: string): void {
  const voters = run.hosts.filter(({ host }) => isVoter(host));
  const silent = voters.filter(({ failed, part }) => failed === true || part === 'absent');
  if (silent.length > 0) {
    throw new ProvisionError(
      `${what} when all its machines answer, and ${namesOf(silent)} did not. Mend that, then run the same command again.`,
    );
  }
  const outside = voters.filter(({ part }) => part === 'observed');
  if (outside.length === 0 || outside.length === voters.length) return;
  throw new ProvisionError(
    `${what} on all its machines in one run, and ${namesOf(outside)} would be left out by --limit. Take all of the pool into the limit, or leave it away.`,
  );
}

const namesOf = (hosts: readonly HostRun[]): string => hosts.map(({ host }) => host.name).join(', ');

/** A voter that is only left out of the inventory would go on counting as one that is dead. */
function requireAllNamed(known: readonly PoolMember[], run: Run): void {
  const lost = known.find(({ name }) => !run.hosts.some(({ host }) => host.name === name && isVoter(host)));
  if (lost === undefined) return;
  throw new ProvisionError(
    `${lost.name} is in the pool, and the inventory has it in neither [management] nor [witness]. Name it there again; to take it out of the pool, reset it first ` +
      `(muster reset --limit ${lost.name}) with the inventory as it was.`,
  );
}

/** The machines of the inventory. Their addresses are what this run has found, else what was kept. */
function membersOf(run: Run, kept: readonly PoolMember[]): PoolMember[] {
  return run.hosts
    .filter(({ host }) => isVoter(host))
    .map(({ host, address }): PoolMember => {
      const known = address ?? kept.find(({ name }) => name === host.name)?.address;
      if (known === undefined) {
        throw new ProvisionError(`${host.name} has no address in the cluster's network that the pool could use. Set my_iface for it.`);
      }
      return { name: host.name, address: known, kind: host.roles.includes('database') ? 'database' : 'witness' };
    });
}
