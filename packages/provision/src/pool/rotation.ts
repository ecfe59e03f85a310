import { createHash } from 'node:crypto';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { hashLine } from '../host/managed-file.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { observeReload, observeService, serviceState } from '../host/service.ts';
import { certificateFault } from './certificate.ts';
import { authorityPath, databaseUnitName, etcdUnitName, memberCertificatePath } from './places.ts';
import { newPoolAuthority, type PoolMember, type PoolRecord } from './record.ts';

/*
 * A pool changes its authority in three steps, and each must have come to all machines before the next: first all trust the new one too, then it
 * issues their certificates, then the former one is forgotten. At no moment does one machine show what another does not trust.
 */

/** What of `muster apply` a change of the authority needs. */
export const poolRotationPhases: readonly string[] = ['pool', 'pool-packages', 'pool-etcd', 'pool-quorum', 'pool-database'];

/** How far a change of the authority is; undefined where none is under way. */
export type RotationStep = NonNullable<PoolRecord['rotation']>['step'];

/** The certificates of the authorities that all machines of a pool trust, in an order that is the same in each step. */
export function trustedPem({ authority, rotation }: PoolRecord): string {
  if (rotation === undefined) return authority.rootPem;
  const other = rotation.step === 'announced' ? rotation.next.rootPem : rotation.formerRootPem;
  return [authority.rootPem, other].toSorted().join('');
}

/** The record one step further: announced, issuing, done. */
export async function turned({ rotation, ...record }: PoolRecord, now: Date): Promise<PoolRecord> {
  if (rotation === undefined) return { ...record, rotation: { step: 'announced', next: await newPoolAuthority(now) } };
  if (rotation.step === 'issuing') return record;
  return { ...record, authority: rotation.next, rotation: { step: 'issuing', formerRootPem: record.authority.rootPem } };
}

/** Of records of one pool, which a run that was cut off has left unlike, the one that is furthest: going back would end what others use. Pure. */
export function furthest(records: readonly [PoolRecord, ...PoolRecord[]]): PoolRecord {
  const at = (step: RotationStep | undefined) => records.filter(({ rotation }) => rotation?.step === step);
  const [issuing] = at('issuing');
  if (issuing !== undefined) return at(undefined).find(({ authority }) => authority.rootPem === issuing.authority.rootPem) ?? issuing;
  return at('announced')[0] ?? records[0];
}

const lookScript = `
${hashLine('authority', authorityPath)}
printf 'certificate=%s\\n' "$(base64 -w 0 < ${memberCertificatePath} 2>/dev/null)"
${observeService(etcdUnitName)}
${observeReload(databaseUnitName)}
`;

/** Whether a machine has what the record says, and its programs have read it: PostgreSQL shows what it had until it is told. */
export async function hasTurned(host: HostRun, { member, record }: { member: PoolMember; record: PoolRecord }, run: Run): Promise<boolean> {
  const options = { label: 'look at the authority of the pool', sudo: true, signal: run.signal };
  const output = await runScript(connectionOf(host), lookScript, options);
  const lines = readLines(output);
  const { active, restartPending } = serviceState(output);
  const isRead = active && !restartPending && lines.get('reload') !== 'yes';
  const certificate = Buffer.from(lines.get('certificate') ?? '', 'base64').toString();
  const isTrusted = lines.get('authority') === createHash('sha256').update(trustedPem(record)).digest('hex');
  return isTrusted && isRead && certificateFault(certificate, member, record, new Date(run.nowMs())) === undefined;
}
