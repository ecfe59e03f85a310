import type { ProvisionRun, RunCounts, RunHost } from '@muster/api';

/** What is known of a run when it begins. */
export type RunBeginning = {
  readonly id: string;
  readonly command: ProvisionRun['command'];
  /** Who runs it, and on which machine. */
  readonly by: string;
  readonly machine: string;
  readonly options: readonly string[];
  readonly hosts: readonly string[];
  readonly inventory?: ProvisionRun['inventory'];
  readonly nowMs: () => number;
};

/** How one phase ended on one host, as a run reports it. */
export type RunOutcome = {
  readonly host: string;
  readonly status: RunHost['phases'][number]['status'];
  readonly seconds: number;
  readonly changes: readonly { readonly what: string }[];
  readonly warnings?: readonly string[] | undefined;
  readonly failure?: NonNullable<RunHost['failure']> | undefined;
};

/** Keeps account of a run while it goes. No I/O, and no clock but the one it is given. */
export class RunRecord {
  readonly #beginning: RunBeginning;
  readonly #startedMs: number;
  readonly #hosts: Map<string, { phases: RunHost['phases']; failure: RunHost['failure'] }>;
  readonly #phases: ProvisionRun['phases'] = [];
  #phaseStartedMs = 0;
  #now: ProvisionRun['now'];

  constructor(beginning: RunBeginning) {
    this.#beginning = beginning;
    this.#startedMs = beginning.nowMs();
    this.#hosts = new Map(beginning.hosts.map((name) => [name, { phases: [], failure: null }]));
  }

  phaseStarted(phase: string, hosts: number): void {
    this.#phaseStartedMs = this.#beginning.nowMs();
    this.#now = { phase, done: 0, hosts };
  }

  /** A host that the run was not said to have is left out. */
  hostFinished(phase: string, { host, status, seconds, changes, warnings = [], failure }: RunOutcome): void {
    if (this.#now?.phase === phase) this.#now = { ...this.#now, done: this.#now.done + 1 };
    const known = this.#hosts.get(host);
    if (known === undefined) return;
    // What files hold stays out: there may be secrets in it.
    known.phases.push({ phase, status, seconds, changes: changes.map(({ what }) => what), warnings: [...warnings] });
    if (failure !== undefined) known.failure = { phase: failure.phase, kind: failure.kind, message: failure.message };
  }

  phaseFinished(phase: string): void {
    this.#phases.push({ phase, seconds: (this.#beginning.nowMs() - this.#phaseStartedMs) / 1000 });
    this.#now = undefined;
  }

  /**
   * The run as it is now; `state` is how it ended, or that it runs; `reason` why it did not come to its end. A run that is not whole has left
   * hosts that nothing failed on undone.
   */
  now(state: ProvisionRun['state'], reason?: string, isWhole = state === 'done' || state === 'failed'): ProvisionRun {
    const { id, command, by, machine, options, inventory, nowMs } = this.#beginning;
    const hosts = [...this.#hosts].map(([name, { phases, failure }]): RunHost => ({
      name,
      status: statusOf(isWhole, phases),
      phases: [...phases],
      failure,
    }));
    const endMs = nowMs();
    return {
      id,
      command,
      by,
      machine,
      options: [...options],
      startedAt: new Date(this.#startedMs).toISOString(),
      finishedAt: state === 'running' ? null : new Date(endMs).toISOString(),
      seconds: Math.max(0, endMs - this.#startedMs) / 1000,
      state,
      counts: countsOf(hosts),
      ...(inventory === undefined ? {} : { inventory }),
      ...(state === 'running' && this.#now !== undefined ? { now: this.#now } : {}),
      ...(reason === undefined ? {} : { reason }),
      phases: [...this.#phases],
      hosts,
    };
  }
}

function statusOf(isWhole: boolean, phases: RunHost['phases']): RunHost['status'] {
  const has = (status: string): boolean => phases.some((one) => one.status === status);
  if (has('failed')) return 'failed';
  if (!isWhole) return 'not-done';
  if (has('changed')) return 'changed';
  return has('would-change') ? 'would-change' : 'unchanged';
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

/** What the server keeps of a run: where it has many hosts, of those that changed nothing no single phases, which would be most of it. */
export function forServer(run: ProvisionRun): ProvisionRun {
  if (run.hosts.length <= 100) return run;
  return { ...run, hosts: run.hosts.map((host) => (saysLittle(host) ? { ...host, phases: [] } : host)) };
}

const saysLittle = ({ status, phases }: RunHost): boolean =>
  status === 'unchanged' || (status === 'not-done' && phases.every((one) => one.status === 'unchanged'));
