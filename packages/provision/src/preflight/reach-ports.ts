import { randomBytes } from 'node:crypto';
import { fanOut } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { reachedPath } from '../host/reached-note.ts';
import { runScript } from '../host/run-script.ts';
import { type Finding, warning } from './checks.ts';
import { judgeReach, type Tried } from './judge-reach.ts';
import { type Need, neededPorts, type PortRole } from './port-table.ts';
import { type Attempt, attemptName, listenOn, type ProbeListener, tryPorts } from './probe.ts';

type Findings = Map<string, Finding[]>;

/**
 * Tries every port that hosts need of each other: one listener on each that is needed, one script on each that needs, whatever their number.
 * What a host has reached within the last day is not tried again, unless the run says `recheck`.
 */
export async function reachPorts(
  hosts: readonly HostRun[],
  roles: ReadonlyMap<string, ReadonlySet<PortRole>>,
  run: Run,
): Promise<Findings> {
  const able = hosts.filter(({ facts, address, failed }) => facts !== undefined && address !== undefined && failed !== true);
  const attempt = new ReachAttempt(able, run);
  const needs = neededPorts(
    able.map(({ host }) => host),
    roles,
  ).filter((need) => !attempt.isKnown(need));
  return needs.length === 0 ? new Map() : await attempt.over(needs);
}

/** One test of the network between hosts. */
class ReachAttempt {
  readonly #hosts: ReadonlyMap<string, HostRun>;
  readonly #run: Run;
  readonly #word = `muster-${randomBytes(12).toString('hex')}`;
  readonly #findings: Findings = new Map();
  readonly #listeners = new Map<string, ProbeListener>();

  constructor(hosts: readonly HostRun[], run: Run) {
    this.#hosts = new Map(hosts.map((host) => [host.host.name, host]));
    this.#run = run;
  }

  isKnown(need: Need): boolean {
    return this.#run.recheck !== true && this.#hosts.get(need.from)?.facts?.reached.includes(attemptName(this.#attemptOf(need))) === true;
  }

  async over(needs: readonly Need[]): Promise<Findings> {
    const { forks, signal } = this.#run;
    try {
      await fanOut([...Map.groupBy(needs, ({ to }) => to)], forks, ([name, ofHost]) => this.#listen(name, ofHost), { signal });
      const from = [
        ...Map.groupBy(
          needs.filter((need) => this.#canBeTried(need)),
          (need) => need.from,
        ),
      ];
      const results = await fanOut(from, forks, ([name, ofHost]) => this.#try(name, ofHost), { signal });
      for (const result of results) {
        if (result.status === 'failed') this.#warn(result.item[0], `which ports it reaches could not be tried: ${messageOf(result.error)}`);
      }
      const tried = results.flatMap((result) => (result.status === 'done' ? result.value : []));
      for (const [name, found] of judgeReach(tried, this.#run.cluster.driver?.name)) this.#add(name, found);
      if (!this.#run.dryRun) await fanOut([...Map.groupBy(tried, (one) => one.from)], forks, ([name, ofHost]) => this.#note(name, ofHost));
    } finally {
      await Promise.all([...this.#listeners.values()].map((listener) => listener.close()));
    }
    return this.#findings;
  }

  async #listen(name: string, needs: readonly Need[]): Promise<void> {
    const host = this.#host(name);
    const probe = host.facts?.probe;
    if (probe === undefined)
      return this.#warn(name, 'it has neither perl nor python3, so whether others reach its ports is tried only where a program listens');
    const ports = [...new Set(needs.map(({ protocol, port }) => `${protocol}/${port}`))];
    try {
      this.#listeners.set(name, await listenOn(connectionOf(host), probe, { ports, word: this.#word, signal: this.#run.signal }));
    } catch (error) {
      this.#warn(name, `whether others reach its ports could not be tried: ${messageOf(error)}`);
    }
  }

  /** Without a listener of ours a port can be tried where a program has it; a datagram to such a one says nothing. */
  #canBeTried(need: Need): boolean {
    if (this.#isOurs(need)) return true;
    const facts = this.#host(need.to).facts;
    return need.protocol === 'tcp' && facts?.listeners.some(({ protocol, port }) => protocol === 'tcp' && port === need.port) === true;
  }

  #isOurs({ to, protocol, port }: Need): boolean {
    return this.#listeners.get(to)?.bound.has(`${protocol}/${port}`) === true;
  }

  async #try(name: string, needs: readonly Need[]): Promise<Tried[]> {
    const host = this.#host(name);
    const probe = host.facts?.probe;
    if (probe === undefined) {
      this.#warn(name, 'it has neither perl nor python3, so which ports it reaches cannot be tried');
      return [];
    }
    const attempts = needs.map((need) => this.#attemptOf(need));
    const results = await tryPorts(connectionOf(host), probe, { attempts, word: this.#word, signal: this.#run.signal });
    return needs.map((need) => ({ ...need, result: results.get(attemptName(this.#attemptOf(need))) ?? 'timeout' }));
  }

  /** So that the next run need not ask again. That it cannot be written down costs that run some seconds, nothing more. */
  async #note(name: string, tried: readonly Tried[]): Promise<void> {
    const host = this.#host(name);
    const before = this.#run.recheck === true ? [] : (host.facts?.reached ?? []);
    const reached = tried.filter(({ result }) => result === 'ok').map((one) => attemptName(this.#attemptOf(one)));
    const options = { label: 'note what was reached', sudo: true, signal: this.#run.signal };
    const stdin = [...before, ...reached].map((line) => `${line}\n`).join('');
    await runScript(connectionOf(host), `umask 022; cat > ${reachedPath}.new && mv ${reachedPath}.new ${reachedPath}`, {
      ...options,
      stdin,
    });
  }

  #attemptOf(need: Need): Attempt {
    const { protocol, port, to } = need;
    return { protocol, port, address: this.#host(to).address ?? '', isOurs: this.#isOurs(need) };
  }

  #host(name: string): HostRun {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`${name} is not in this test`);
    return host;
  }

  #warn(name: string, text: string): void {
    this.#add(name, [warning('ports-reachable', text)]);
  }

  #add(name: string, found: readonly Finding[]): void {
    this.#findings.set(name, [...(this.#findings.get(name) ?? []), ...found]);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
