import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { foldNames } from '@muster/core';
import { openLab, poolPackageFolder } from '@muster/lab';
import { type Fault, faults, waitsForFailover } from './pool-faults/faults.ts';
import { Observer, type Seen } from './pool-faults/observer.ts';
import { onHost } from './pool-faults/on-host.ts';

/*
 * A pool of two members and a witness, made by `muster apply` on bare lab hosts, with one more node; then one fault after the other, while a
 * member that is not harmed adds nodes and reads the list. What was acknowledged is counted afterwards, on the primary there is then.
 * `node bench/pool-faults.ts [ROUNDS] [FAULT...]`; a name that is none prints them all.
 */

const [rounds, ...asked] = [Number(process.argv[2] ?? 5), ...process.argv.slice(3)];
const chosen = asked.length === 0 ? faults : faults.filter(({ name }) => asked.includes(name));
const unknown = asked.filter((name) => !faults.some((fault) => fault.name === name));
if (unknown.length > 0 || !(rounds > 0)) {
  process.stderr.write(
    `Unknown: ${unknown.join(', ')}. Usage: bench/pool-faults.ts [ROUNDS] [FAULT...], of ${faults.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}

const root = join(import.meta.dirname, '..');
const lab = openLab({ name: `faults-${process.pid}` });
const members = ['node1', 'node2'];
/** What a fault is watched for at the least: a leader that was lost is noticed after twenty seconds. */
const watchedMs = 30_000;

async function makePool(): Promise<void> {
  await lab.down();
  await lab.up(4);
  const lines = readFileSync(lab.inventoryPath, 'utf8').split('\n');
  const lineOf = (name: string): string => lines.find((line) => line.startsWith(`${name} `)) ?? '';
  const groups = { management: members, witness: ['node3'], worker: ['node4'] };
  const sections = Object.entries(groups).map(([group, hosts]) => [`[${group}]`, ...hosts.map(lineOf), ''].join('\n'));
  writeFileSync(lab.inventoryPath, `${sections.join('\n')}\n[all:vars]\nmuster_packages=${await poolPackageFolder(lab)}\n`);
  const argv = [join(root, 'bin', 'muster'), 'apply', '-i', lab.inventoryPath, '--known-hosts', lab.knownHostsPath];
  const { code, stdout, stderr } = await lab.exec(argv, { cwd: root, timeoutSeconds: 900 });
  if (code !== 0) throw new Error(`no pool: ${stdout}${stderr}`);
  await until('both members in step', inStep);
  for (const { prepare } of chosen) await prepare?.(lab, members);
  await until('both members in step', inStep);
}

/** Asks a member's own database; `away` where it does not answer. */
async function sql(host: string, text: string, database = 'postgres'): Promise<string> {
  const ask = `runuser -u postgres -- psql -XAtq -h /run/muster-database -p 25432 -d ${database} -c "${text}" 2>/dev/null || echo away`;
  return await onHost(lab, host, ask).catch(() => 'away');
}

async function primary(): Promise<string | undefined> {
  for (const name of members) if ((await sql(name, 'select pg_is_in_recovery()')) === 'f') return name;
  return undefined;
}

async function inStep(): Promise<boolean> {
  const leader = await primary();
  return leader !== undefined && (await sql(leader, "select state || ' ' || sync_state from pg_stat_replication")) === 'streaming sync';
}

async function until(what: string, holds: () => Promise<boolean> | boolean, withinSeconds = 240): Promise<void> {
  const deadlineMs = performance.now() + withinSeconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`after ${withinSeconds} s not yet: ${what}`);
    await sleep(500);
  }
}

type Outcome = Seen & { readonly lost: readonly string[]; readonly wronglyBad: readonly string[] };

async function suffer(fault: Fault, prefix: string): Promise<Outcome> {
  const leader = await primary();
  const other = members.find((name) => name !== leader) ?? '';
  if (leader === undefined) throw new Error('no member takes writes');
  const target = { primary: leader, replica: other, witness: 'node3' }[fault.target];
  const watching = target === leader ? other : leader;
  const observer = await Observer.start(lab, watching, prefix);
  await until('changes are acknowledged', () => observer.acknowledgedSince(0) > 10);
  const atMs = Date.now();
  await fault.harm(lab, target);
  if (waitsForFailover(fault)) await until('another member leads', async () => (await sql(other, 'select pg_is_in_recovery()')) === 'f');
  else await sleep(Math.max(0, watchedMs - (Date.now() - atMs)));
  await until('changes are acknowledged again', () => observer.acknowledgedSince(Date.now() - 2000) > 3);
  await fault.mend(lab, target);
  await until('both members in step', inStep);
  const seen = await observer.stop(atMs);
  const kept = new Set((await sql((await primary()) ?? '', 'select name from nodes', 'muster')).split('\n'));
  await onHost(lab, watching, `muster node remove '${foldNames(seen.acknowledged)}' --yes >/dev/null`);
  return {
    ...seen,
    lost: seen.acknowledged.filter((name) => !kept.has(name)),
    wronglyBad: seen.bad.filter((name) => !(fault.isAway && name === target)),
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const figures = (values: readonly number[]): string => `${median(values).toFixed(1)} (${Math.max(...values).toFixed(1)})`;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function row(fault: Fault, outcomes: readonly Outcome[]): string {
  const of = (pick: (outcome: Outcome) => number): number[] => outcomes.map(pick);
  const cells = [
    fault.what,
    String(outcomes.length),
    figures(of(({ writePause }) => writePause)),
    String(sum(of(({ failedWrites }) => failedWrites))),
    figures(of(({ readPause }) => readPause)),
    String(sum(of(({ failedReads }) => failedReads))),
    `${sum(of(({ acknowledged }) => acknowledged.length))}`,
    `${sum(of(({ lost }) => lost.length))}`,
    `${sum(of(({ wronglyBad }) => wronglyBad.length))}`,
  ];
  return `| ${cells.join(' | ')} |\n`;
}

try {
  await makePool();
  process.stdout.write(
    '| fault | runs | longest pause of writes s: median (worst) | writes that failed | of reads s | reads that failed | changes acknowledged | of them lost | nodes wrongly bad |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const fault of chosen) {
    const outcomes: Outcome[] = [];
    for (let round = 0; round < rounds; round += 1) outcomes.push(await suffer(fault, `${fault.name}-${round}-`));
    process.stdout.write(row(fault, outcomes));
  }
} finally {
  await lab.down();
}
