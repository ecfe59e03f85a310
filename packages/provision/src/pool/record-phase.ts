import { createHash } from 'node:crypto';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Phase, Run } from '../engine/phase.ts';
import { hashLine, writeManaged } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { noteReload, noteRestart } from '../host/service.ts';
import { ProvisionError } from '../provision-error.ts';
import { certificateFault, issueCertificate } from './certificate.ts';
import { etcdKeyPath } from './etcd-files.ts';
import { renewKeys } from './member-key.ts';
import { isVoter } from './members.ts';
import { databaseKeyPath } from './patroni-files.ts';
import { authorityPath, databaseUnitName, etcdUnitName, memberCertificatePath, memberKeyPath, poolFolder, recordPath } from './places.ts';
import { newRecord, type PoolMember, type PoolRecord, readRecord, recordText } from './record.ts';
import { furthest, hasTurned, trustedPem, turned } from './rotation.ts';

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
    const kept = await recordOf(
      records.filter((one) => one !== undefined),
      run,
    );
    run.pool = run.turnsAuthority === true ? await nextOf(kept, hosts, run) : kept;
  },
  observe: async (host, run) => {
    const lines = readLines(await runScript(connectionOf(host), lookScript, { label: 'look at the pool', sudo: true, signal: run.signal }));
    if (isFull(host) && run.turnsAuthority !== true && poolOf(run).rotation !== undefined)
      host.warnings = [...(host.warnings ?? []), 'the authority of the pool is being changed: muster pool rotate goes on with that'];
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
      ...(observed.authority === sha256(trustedPem(record)) ? [] : [written(authorityPath, observed.authority)]),
      ...certificateChange(observed, host, run),
    ];
  },
  act: async (observed, host, run) => {
    const connection = connectionOf(host);
    const record = poolOf(run);
    const options = { label: `make ${poolFolder}`, sudo: true, signal: run.signal };
    await runScript(connection, `mkdir -p -m 0755 /etc/muster ${poolFolder}\n${noteReaders(observed, host, run)}`, options);
    const put = (path: string, content: string, mode: number) => writeManaged(connection, { path, content, mode }, run.signal);
    // First: a certificate of an authority that nobody has kept would be worth nothing.
    if (isFull(host)) await put(recordPath, recordText(record), 0o600);
    await put(authorityPath, trustedPem(record), 0o644);
    if (certificateChange(observed, host, run).length === 0) return;
    const { keyPem, chainPem } = await issueCertificate(memberOf(host.host.name, run), record, new Date(run.nowMs()));
    await put(`${memberKeyPath}.next`, keyPem, 0o600);
    await put(`${memberCertificatePath}.next`, chainPem, 0o644);
    await runScript(connection, putInPlace, { ...options, label: 'put the certificate of the pool in place' });
  },
};

/** In one go, because programs read both at each connection. A certificate that a cut-off leaves away is found to be missing, and made anew. */
const putInPlace = `
set -eu
rm -f ${memberCertificatePath}
mv ${memberKeyPath}.next ${memberKeyPath}
${renewKeys([
  ['etcd', etcdKeyPath],
  ['postgres', databaseKeyPath],
])}
mv ${memberCertificatePath}.next ${memberCertificatePath}
`;

/** etcd knows whom it trusts from its start on; Patroni and PostgreSQL read that, and what they show, on a reload. */
function noteReaders(observed: Observed, host: HostRun, run: Run): string {
  // One that has no certificate yet has no programs that read it.
  if (observed.certificate === '') return '';
  const isTrustChanged = observed.authority !== sha256(trustedPem(poolOf(run)));
  const isShownChanged = certificateChange(observed, host, run).length > 0;
  const notes = [
    ...(isTrustChanged ? [noteRestart(etcdUnitName)] : []),
    ...(isFull(host) && (isTrustChanged || isShownChanged) ? [noteReload(databaseUnitName)] : []),
  ];
  return notes.join('\n');
}

/**
 * The record as a change of the authority has it next, where all machines have come to the step before; else as it is, and this run brings them
 * there. @throws ProvisionError where one does not answer
 */
async function nextOf(record: PoolRecord, hosts: readonly HostRun[], run: Run): Promise<PoolRecord> {
  requireAllVoters(run, 'The authority of the pool is changed');
  const at = (host: HostRun) => ({ member: memberIn(record, host.host.name), record });
  const areTurned =
    record.rotation === undefined || (await Promise.all(hosts.map((host) => hasTurned(host, at(host), run)))).every(Boolean);
  return areTurned ? turned(record, new Date(run.nowMs())) : record;
}

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
  return memberIn(poolOf(run), name);
}

function memberIn({ members }: PoolRecord, name: string): PoolMember {
  const member = members.find((one) => one.name === name);
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
  return { ...furthest([kept, ...found]), members: membersOf(run, known) };
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
