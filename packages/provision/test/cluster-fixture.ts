import { type InventoryFiles, readInventory } from '@muster/core';
import type { HostRun, Phase, Run } from '../src/engine/phase.ts';
import { type ApplyOptions, clusterOf, type HostOutcome, type RunReporter } from '../src/index.ts';
import { FakeHost } from './fake-host.ts';
import { epochSeconds } from './host-outputs.ts';

/** An inventory of one text. */
export function inventoryOf(text: string) {
  const files: InventoryFiles = { read: (path) => (path === 'hosts' ? Buffer.from(text) : undefined), list: () => undefined };
  return readInventory(['hosts'], files);
}

const artifact = (kind: string, letter: string) => ({
  path: `/dist/muster-${kind}-0.2.0-x64.tar.gz`,
  sha256: letter.repeat(64),
  version: '0.2.0',
});

/** What a run installs; the fake hosts unpack the same. */
export const artifacts = { server: { x64: artifact('server', 'c') }, agent: { x64: artifact('agent', 'a') } };

const threeHosts = `
[driver]
boss ansible_host=10.0.0.10
[worker]
web1 ansible_host=10.0.0.11
web2 ansible_host=10.0.0.12
`;

/** A cluster of fake hosts with one management server, and a run over it. */
export class ClusterFixture {
  readonly cluster: ReturnType<typeof clusterOf>;
  readonly hosts: ReadonlyMap<string, FakeHost>;
  readonly #abort = new AbortController();
  /** Set to make the login to a host fail. */
  readonly unreachable = new Map<string, Error>();

  constructor(inventory = threeHosts) {
    this.cluster = clusterOf(inventoryOf(inventory));
    this.hosts = new Map(this.cluster.hosts.map(({ name, connection }) => [name, new FakeHost(name, connection.address)]));
    for (const host of this.hosts.values()) host.muster = this.muster;
  }

  host(name: string): FakeHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`there is no host ${name} in the inventory`);
    return host;
  }

  get muster() {
    return this.host(this.cluster.driver?.name ?? this.cluster.hosts[0]!.name).muster;
  }

  interrupt(): void {
    this.#abort.abort(new Error('interrupted'));
  }

  /** What `apply` takes. */
  options(change: Partial<ApplyOptions> = {}): ApplyOptions {
    return {
      cluster: this.cluster,
      artifacts,
      forks: 10,
      dryRun: false,
      holder: 'operator@here, apply',
      reissue: new Set(),
      signal: this.#abort.signal,
      nowMs: () => epochSeconds * 1000,
      connect: ({ name }) => {
        const failure = this.unreachable.get(name);
        return failure === undefined ? Promise.resolve(this.host(name)) : Promise.reject(failure);
      },
      ...change,
    };
  }

  /** A run in which no phase has been yet. */
  run(change: Partial<ApplyOptions> = {}): Run {
    return { ...this.options(change), hosts: this.cluster.hosts.map((host) => ({ host })) };
  }

  /** What one phase would change on a host of a run, in words. */
  static async planOf<Observed>(phase: Phase<Observed>, host: HostRun, run: Run): Promise<string[]> {
    return phase.plan(await phase.observe(host, run), host, run).map(({ what }) => what);
  }
}

/** A reporter that keeps what it is told. */
export class KeptReport implements RunReporter {
  readonly lines: string[] = [];
  readonly outcomes: (HostOutcome & { readonly phase: string })[] = [];

  phaseStarted(phase: string, hosts: number): void {
    this.lines.push(`${phase} starts on ${hosts}`);
  }

  hostFinished(phase: string, outcome: HostOutcome): void {
    this.lines.push(`${phase} ${outcome.host} ${outcome.status}`);
    this.outcomes.push({ phase, ...outcome });
  }

  phaseFinished(phase: string, outcomes: readonly HostOutcome[]): void {
    this.lines.push(`${phase} ends on ${outcomes.length}`);
  }
}
