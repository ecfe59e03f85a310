import { randomBytes } from 'node:crypto';
import { fanOut } from '@muster/ssh';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { reachedPath } from '../host/reached-note.ts';
import { willOpen } from '../firewall/rules.ts';
import { runScript } from '../host/run-script.ts';
import { type Finding, warning } from './checks.ts';
import { judgeReach, type Tried } from './judge-reach.ts';
import { type Need, neededPorts, type PortRole } from './port-table.ts';
import { type Attempt, attemptName, listenOn, type ProbeListener, tryPorts } from './probe.ts';

type Findings = Map<string, Finding[]>;

/**
 * Tries every port that hosts need of each other: one listener on each that is needed, one script on each that needs, whatever their number.
 * What a host has reached within the last day is not tried again, unless the run says `recheck`. What a firewall closes that this run opens
 * is no error yet, and is left in `run.postponed`.
 */
export async function reachPorts(
  hosts: readonly HostRun[],
  roles: ReadonlyMap<string, ReadonlySet<PortRole>>,
  run: Run,
): Promise<Findings> {
  const able = ableOf(hosts);
  const attempt = new ReachAttempt(able, run, run.recheck === true);
  const needs = neededPorts(
    able.map(({ host }) => host),
    roles,
  ).filter((need) => !attempt.isKnown(need));
  if (needs.length === 0) return new Map();
  const tried = await attempt.over(needs);
  const [later, now] = parted(tried, (one) => isClosed(one) && willOpen(attempt.hostOf(one.to), run));
  run.postponed = later;
  for (const [name, closed] of Map.groupBy(later, ({ to }) => to)) attempt.warn(name, postponedText(attempt.hostOf(name), closed));
  return attempt.findingsOf(now);
}

/** Tries once more what was not reached before: what still is not is an error. Hosts that have failed since take no part. */
export async function tryAgain(hosts: readonly HostRun[], needs: readonly Need[], run: Run): Promise<Findings> {
  const able = ableOf(hosts);
  const names = new Set(able.map(({ host }) => host.name));
  const attempt = new ReachAttempt(able, run, false);
  return attempt.findingsOf(await attempt.over(needs.filter(({ from, to }) => names.has(from) && names.has(to))));
}

const ableOf = (hosts: readonly HostRun[]): HostRun[] =>
  hosts.filter(({ facts, address, failed }) => facts !== undefined && address !== undefined && failed !== true);

/** How a firewall lets an attempt end. */
const isClosed = ({ result }: Tried): boolean => result === 'timeout' || result === 'refused' || result === 'unreachable';

function postponedText({ facts }: HostRun, closed: readonly Tried[]): string {
  const ports = [...new Set(closed.map(({ protocol, port }) => `${protocol}/${port}`))].join(', ');
  return `others do not reach its ${ports}: the phase firewall opens ${facts?.firewalls.join(' and ') ?? ''} for them, and then it is tried again`;
}

/** Those of which something is so, and the others. */
function parted<T>(all: readonly T[], isSo: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isSo), all.filter((one) => !isSo(one))];
}

/** One test of the network between hosts. */
class ReachAttempt {
  readonly #hosts: ReadonlyMap<string, HostRun>;
  readonly #run: Run;
  readonly #word = `muster-${randomBytes(12).toString('hex')}`;
  readonly #isAnew: boolean;
  readonly #findings: Findings = new Map();
  readonly #listeners = new Map<string, ProbeListener>();

  /** `isAnew`: what was reached before counts for nothing. */
  constructor(hosts: readonly HostRun[], run: Run, isAnew: boolean) {
    this.#hosts = new Map(hosts.map((host) => [host.host.name, host]));
    this.#run = run;
    this.#isAnew = isAnew;
  }

  isKnown(need: Need): boolean {
    return !this.#isAnew && this.#hosts.get(need.from)?.facts?.reached.includes(attemptName(this.#attemptOf(need))) === true;
  }

  /** What became of each need that could be tried; of what could not, a warning is among the findings. */
  async over(needs: readonly Need[]): Promise<Tried[]> {
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
        if (result.status === 'failed') this.warn(result.item[0], `which ports it reaches could not be tried: ${messageOf(result.error)}`);
      }
      const tried = results.flatMap((result) => (result.status === 'done' ? result.value : []));
      if (!this.#run.dryRun) await fanOut([...Map.groupBy(tried, (one) => one.from)], forks, ([name, ofHost]) => this.#note(name, ofHost));
      return tried;
    } finally {
      await Promise.all([...this.#listeners.values()].map((listener) => listener.close()));
    }
  }

  /** All findings, with those about what was tried. */
  findingsOf(tried: readonly Tried[]): Findings {
    for (const [name, found] of judgeReach(tried, this.#run.cluster.driver?.name)) this.#add(name, found);
    return this.#findings;
  }

  async #listen(name: string, needs: readonly Need[]): Promise<void> {
    const host = this.hostOf(name);
    const probe = host.facts?.probe;
    if (probe === undefined)
      return this.warn(name, 'it has neither perl nor python3, so whether others reach its ports is tried only where a program listens');
    const ports = [...new Set(needs.map(({ protocol, port }) => `${protocol}/${port}`))];
    try {
      this.#listeners.set(name, await listenOn(connectionOf(host), probe, { ports, word: this.#word, signal: this.#run.signal }));
    } catch (error) {
      this.warn(name, `whether others reach its ports could not be tried: ${messageOf(error)}`);
    }
  }

  /** Without a listener of ours a port can be tried where a program has it; a datagram to such a one says nothing. */
  #canBeTried(need: Need): boolean {
    if (this.#isOurs(need)) return true;
    const facts = this.hostOf(need.to).facts;
    return need.protocol === 'tcp' && facts?.listeners.some(({ protocol, port }) => protocol === 'tcp' && port === need.port) === true;
  }

  #isOurs({ to, protocol, port }: Need): boolean {
    return this.#listeners.get(to)?.bound.has(`${protocol}/${port}`) === true;
  }

  async #try(name: string, needs: readonly Need[]): Promise<Tried[]> {
    const host = this.hostOf(name);
    const probe = host.facts?.probe;
    if (probe === undefined) {
      this.warn(name, 'it has neither perl nor python3, so which ports it reaches cannot be tried');
      return [];
    }
    const attempts = needs.map((need) => this.#attemptOf(need));
    const results = await tryPorts(connectionOf(host), probe, { attempts, word: this.#word, signal: this.#run.signal });
    return needs.map((need) => ({ ...need, result: results.get(attemptName(this.#attemptOf(need))) ?? 'timeout' }));
  }

  /** So that the next run need not ask again. That it cannot be written down costs that run some seconds, nothing more. */
  async #note(name: string, tried: readonly Tried[]): Promise<void> {
    const host = this.hostOf(name);
    const before = this.#isAnew ? [] : (host.facts?.reached ?? []);
    const reached = tried.filter(({ result }) => result === 'ok').map((one) => attemptName(this.#attemptOf(one)));
    const options = { label: 'note what was reached', sudo: true, signal: this.#run.signal };
    // For a second attempt of the same run, which adds to it.
    if (host.facts !== undefined) host.facts = { ...host.facts, reached: [...before, ...reached] };
    const stdin = [...before, ...reached].map((line) => `${line}\n`).join('');
    await runScript(connectionOf(host), `umask 022; cat > ${reachedPath}.new && mv ${reachedPath}.new ${reachedPath}`, {
      ...options,
      stdin,
    });
  }

  #attemptOf(need: Need): Attempt {
    const { protocol, port, to } = need;
    return { protocol, port, address: this.hostOf(to).address ?? '', isOurs: this.#isOurs(need) };
  }

  hostOf(name: string): HostRun {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`${name} is not in this test`);
    return host;
  }

  warn(name: string, text: string): void {
    this.#add(name, [warning('ports-reachable', text)]);
  }

  #add(name: string, found: readonly Finding[]): void {
    this.#findings.set(name, [...(this.#findings.get(name) ?? []), ...found]);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
