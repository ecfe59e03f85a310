import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { ProvisionRun, RunCounts, RunHost } from '@muster/api';
import type { HostOutcome, RunReporter } from '@muster/provision';
import type { KeptRun } from './run-folder.ts';

/** What is known of a run when it begins. */
export type RunBeginning = {
  readonly command: ProvisionRun['command'];
  readonly options: readonly string[];
  readonly hosts: readonly string[];
  readonly nowMs: () => number;
};

/** Keeps account of a run while it goes: a reporter that hears the same as the one that shows it. */
export class RunRecord {
  readonly #id = randomUUID();
  readonly #beginning: RunBeginning;
  readonly #startedMs: number;
  readonly #hosts: Map<string, { phases: RunHost['phases']; failure: RunHost['failure'] }>;
  readonly #phases: ProvisionRun['phases'] = [];
  #phaseStartedMs = 0;

  constructor(beginning: RunBeginning) {
    this.#beginning = beginning;
    this.#startedMs = beginning.nowMs();
    this.#hosts = new Map(beginning.hosts.map((name) => [name, { phases: [], failure: null }]));
  }

  /** The same events for `shown` and for the account; `onPhase` is called when a phase has ended. */
  hearing(shown: RunReporter, onPhase: () => void): RunReporter {
    return {
      phaseStarted: (phase, hosts) => {
        this.#phaseStartedMs = this.#beginning.nowMs();
        shown.phaseStarted(phase, hosts);
      },
      hostFinished: (phase, outcome) => {
        this.#note(phase, outcome);
        shown.hostFinished(phase, outcome);
      },
      phaseFinished: (phase, outcomes) => {
        this.#phases.push({ phase, seconds: (this.#beginning.nowMs() - this.#phaseStartedMs) / 1000 });
        shown.phaseFinished(phase, outcomes);
        onPhase();
      },
    };
  }

  #note(phase: string, { host, status, seconds, changes, warnings = [], failure }: HostOutcome): void {
    const known = this.#hosts.get(host);
    if (known === undefined) return;
    // What files hold stays out: there may be secrets in it.
    known.phases.push({ phase, status, seconds, changes: changes.map(({ what }) => what), warnings: [...warnings] });
    if (failure !== undefined) known.failure = { phase: failure.phase, kind: failure.kind, message: failure.message };
  }

  /** The run as it is now; `state` is how it ended, or that it runs. */
  now(state: ProvisionRun['state']): KeptRun {
    const { command, options, nowMs } = this.#beginning;
    const hosts = [...this.#hosts].map(([name, { phases, failure }]): RunHost => ({
      name,
      status: this.#statusOf(state, phases),
      phases,
      failure,
    }));
    const endMs = nowMs();
    return {
      id: this.#id,
      command,
      by: userInfo().username,
      machine: hostname(),
      options: [...options],
      startedAt: new Date(this.#startedMs).toISOString(),
      finishedAt: state === 'running' ? null : new Date(endMs).toISOString(),
      seconds: Math.max(0, endMs - this.#startedMs) / 1000,
      state,
      counts: countsOf(hosts),
      phases: [...this.#phases],
      hosts,
      process: process.pid,
    };
  }

  #statusOf(state: ProvisionRun['state'], phases: RunHost['phases']): RunHost['status'] {
    const has = (status: string): boolean => phases.some((one) => one.status === status);
    if (has('failed')) return 'failed';
    if (state === 'interrupted' || state === 'running') return 'not-done';
    if (has('changed')) return 'changed';
    return has('would-change') ? 'would-change' : 'unchanged';
  }
}

function countsOf(hosts: readonly RunHost[]): RunCounts {
  const count = (status: RunHost['status']): number => hosts.filter((host) => host.status === status).length;
  return {
    hosts: hosts.length,
    changed: count('changed'),
    unchanged: count('unchanged'),
    wouldChange: count('would-change'),
    failed: count('failed'),
    notDone: count('not-done'),
  };
}

/** What the server is told of a run: where it has many hosts, of those that changed nothing no single phases, which would be most of it. */
export function forServer({ process: _process, ...run }: KeptRun): ProvisionRun {
  if (run.hosts.length <= 100) return run;
  return { ...run, hosts: run.hosts.map((host) => (host.status === 'unchanged' ? { ...host, phases: [] } : host)) };
}
