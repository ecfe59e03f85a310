import { setTimeout as sleep } from 'node:timers/promises';
import { PoolStatus } from '@muster/api';
import { shareToWaitFor, upgradeOrder, whyNotStop } from '@muster/core';
import { connectionOf } from '../engine/host-run.ts';
import type { Change, HostRun, Run } from '../engine/phase.ts';
import { runScript } from '../host/run-script.ts';
import { askServer, runMuster } from '../host/server-cli.ts';
import { ProvisionError } from '../provision-error.ts';
import { askEtcd } from './etcdctl.ts';
import { isVoter, sharesDatabase } from './members.ts';
import { poolFolder } from './places.ts';

/** What is read of a pool, of servers of this release and the one before. */
const SeenPool = PoolStatus.pick({ answeredBy: true, members: true, database: true, promotion: true, ageSeconds: true });

/** Stands while a member is drained for an upgrade: a run that is cut off leaves it, and the next one takes the member in again. */
const drainedMark = `${poolFolder}/drained-for-upgrade`;

/** Line of an observing script that prints whether an upgrade has drained the member and was cut off. */
export const observeDrained = `if [ -e ${drainedMark} ]; then echo drained=yes; fi`;

/** What of `muster apply` concerns the servers of a pool and what they stand on. */
export const poolUpgradePhases: readonly string[] = [
  ...['stage', 'pool', 'pool-packages', 'pool-etcd', 'pool-quorum', 'pool-database', 'pool-account', 'pool-key', 'pool-move'],
  'server',
];

/** How long a pool is waited for: to be well before a member is stopped, to take the member's agents, to give them back. */
export type UpgradePatience = {
  readonly healthySeconds: number;
  readonly emptySeconds: number;
  readonly shareSeconds: number;
  readonly everyMs: number;
};

const usualPatience: UpgradePatience = { healthySeconds: 120, emptySeconds: 120, shareSeconds: 180, everyMs: 2000 };
const patienceOf = ({ upgradePatience = usualPatience }: Run): UpgradePatience => upgradePatience;

/** Whether others serve while this host's server is stopped. */
export const hasFellows = ({ host }: HostRun, run: Run): boolean => sharesDatabase(host) && run.cluster.management.length > 1;

const poolSeenBy = (host: HostRun, { signal }: Run) =>
  askServer(connectionOf(host), ['pool', 'status', '-o', 'json'], SeenPool, { signal });

/** Notes which member the server of this host is. @throws ProvisionError */
export async function seeMember(host: HostRun, run: Run): Promise<void> {
  const { answeredBy: id, members, database } = await poolSeenBy(host, run);
  const own = members.find((one) => one.id === id);
  const isPrimary = database.copies.some(({ role, memberId }) => role === 'primary' && memberId === id);
  host.member = { id, isPrimary, agents: own?.agents ?? 0 };
}

/** Those that do not work first, the primary's machine last. */
export const inUpgradeOrder = (hosts: readonly HostRun[]): HostRun[] =>
  upgradeOrder(hosts.map((of) => ({ name: of.host.name, of, ...(of.member === undefined ? {} : { member: of.member }) }))).map(
    ({ of }) => of,
  );

/** What a dry run says of a server that others stand in for. */
export const upgradeChange = ({ member }: HostRun): Change[] =>
  member === undefined
    ? []
    : [
        {
          what: `let the other members take its nodes, and have them back afterwards${member.isPrimary ? ' (last: the primary is here)' : ''}`,
        },
      ];

/**
 * Makes sure that the pool goes on without this member's server, and gives its nodes to the others. Nothing where the server does not work.
 * @throws ProvisionError with what is missing; then nothing was changed
 */
export async function stepAside(host: HostRun, run: Run): Promise<void> {
  const { member } = host;
  if (member === undefined || !hasFellows(host, run)) return;
  if (run.stoppedBy !== undefined)
    throw new ProvisionError(
      `${host.host.name} was left as it is, and serves: the upgrade stopped at ${run.stoppedBy}. Mend that one, then run the same command again.`,
    );
  await untilHealthy(host, run, member.id);
  await requireQuorum(host, run);
  const own = (await poolSeenBy(host, run)).members.find(({ id }) => id === member.id);
  // One that an administrator has drained stays so.
  if (own?.state === 'draining') return;
  await mark(host, run, `: > ${drainedMark}`);
  await runMuster(connectionOf(host), ['pool', 'drain', member.id], run);
  const { emptySeconds } = patienceOf(run);
  const isEmpty = await until(emptySeconds, run, async () => {
    const now = await poolSeenBy(host, run);
    return now.members.every(({ id, agents }) => id !== member.id || agents === 0);
  });
  if (!isEmpty) warn(host, `after ${emptySeconds} s some of its agents had not gone to another member; they go when it stops`);
}

/**
 * Takes the member in again after its server has come up: with the wanted release, and with its agents.
 * @throws ProvisionError when it is of another version, or the others do not hear it
 */
export async function comeBack(host: HostRun, run: Run, version: string): Promise<void> {
  if (!hasFellows(host, run)) return;
  const before = host.member?.agents ?? 0;
  await seeMember(host, run);
  const id = host.member?.id ?? '';
  const own = await untilThere(host, run, id);
  if (own !== version)
    throw new ProvisionError(
      `The server of ${host.host.name} says that it is version ${own}, and ${version} was installed. Look at its log.`,
    );
  if (!(await isMarked(host, run))) return;
  await runMuster(connectionOf(host), ['pool', 'undrain', id], run);
  await mark(host, run, `rm -f ${drainedMark}`);
  const { shareSeconds } = patienceOf(run);
  const hasShare = await until(shareSeconds, run, async () => {
    const { members } = await poolSeenBy(host, run);
    const agents = members.find((one) => one.id === id)?.agents ?? 0;
    return agents >= shareToWaitFor(members, before);
  });
  if (!hasShare) warn(host, `after ${shareSeconds} s it does not have its share of the agents again (muster pool status)`);
}

/** Remembers at which member it went wrong: no other one that works is stopped then. */
export async function orStop<Result>(host: HostRun, run: Run, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    run.stoppedBy ??= host.host.name;
    throw error;
  }
}

/** Right after the member before has come up a copy may need some seconds. */
async function untilHealthy(host: HostRun, run: Run, id: string): Promise<void> {
  let why: string | null = null;
  const isHealthy = await until(patienceOf(run).healthySeconds, run, async () => {
    why = whyNotStop(await poolSeenBy(host, run), id);
    return why === null;
  });
  if (!isHealthy) throw new ProvisionError(`The server of ${host.host.name} was not stopped, and serves. ${why ?? ''}`);
}

async function requireQuorum(host: HostRun, run: Run): Promise<void> {
  if (!isVoter(host.host)) return;
  const script = `${askEtcd}\netcdctl_ endpoint health --cluster 2>&1 | grep -v 'is healthy' || true`;
  const said = (await runScript(connectionOf(host), script, { label: 'look at the voters', sudo: true, signal: run.signal })).trim();
  if (said === '') return;
  throw new ProvisionError(
    `The server of ${host.host.name} was not stopped, and serves. Not every voter of the pool's etcd is well: ${said.split('\n')[0]}. Mend that first.`,
  );
}

/** The version of the member as the pool knows it, once it is heard. */
async function untilThere(host: HostRun, run: Run, id: string): Promise<string> {
  let version: string | undefined;
  await until(patienceOf(run).healthySeconds, run, async () => {
    version = (await poolSeenBy(host, run)).members.find((one) => one.id === id && one.lostAt === null)?.version;
    return version !== undefined;
  });
  if (version !== undefined) return version;
  throw new ProvisionError(`The server of ${host.host.name} answers, and the other members do not hear it. Look at its log.`);
}

async function until(seconds: number, run: Run, isSo: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + 1000 * seconds;
  for (;;) {
    if (await isSo()) return true;
    if (performance.now() >= endMs) return false;
    await sleep(patienceOf(run).everyMs, undefined, { signal: run.signal });
  }
}

function warn(host: HostRun, text: string): void {
  host.warnings = [...(host.warnings ?? []), text];
}

const mark = (host: HostRun, run: Run, script: string) =>
  runScript(connectionOf(host), `mkdir -p ${poolFolder}\n${script}`, { label: 'note the upgrade', sudo: true, signal: run.signal });

async function isMarked(host: HostRun, run: Run): Promise<boolean> {
  const said = await runScript(connectionOf(host), observeDrained, { label: 'look for an upgrade', sudo: true, signal: run.signal });
  return said.includes('drained=yes');
}
