import { fanOut } from '@muster/ssh';
import { runScript } from '../host/run-script.ts';
import { noteProven, noteUnproven } from '../host/proof.ts';
import { connectionOf } from './host-run.ts';
import { failureOf, type Failure } from './failure.ts';
import { callHooks } from './hook-calls.ts';
import type { Change, HostRun, Phase, Run } from './phase.ts';

/** What one phase did on one host. */
export type HostOutcome = {
  readonly host: string;
  readonly status: 'unchanged' | 'changed' | 'would-change' | 'failed';
  readonly changes: readonly Change[];
  readonly seconds: number;
  /** What is to be known and stops nothing, in sentences about the host. */
  readonly warnings?: readonly string[];
  readonly failure?: Failure;
};

/** Told how a run proceeds. */
export type RunReporter = {
  phaseStarted(phase: string, hosts: number): void;
  hostFinished(phase: string, outcome: HostOutcome): void;
  phaseFinished(phase: string, outcomes: readonly HostOutcome[]): void;
};

export type RunResult = {
  readonly outcomes: ReadonlyMap<string, readonly HostOutcome[]>;
  /** First failure of each host that failed. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** Hosts that did not fail but were not finished either, because the run was interrupted. */
  readonly notDone: readonly string[];
};

/**
 * Runs the phases in order over the hosts they concern. A host that fails leaves the run; the others go on. Every phase may be
 * run again after any failure.
 */
export async function runPhases(phases: readonly Phase[], run: Run, reporter: RunReporter): Promise<RunResult> {
  const book = new RunBook(run, reporter);
  const full = run.hosts.filter(({ part }) => part === undefined);
  book.note(
    'hook before',
    await callHooks(
      run,
      { when: 'before' },
      full.map((host) => ({ host })),
    ),
  );
  for (const phase of phases) {
    if (run.signal.aborted) break;
    await runPhase(phase, run, { reporter, book });
  }
  const left = full.map(({ host }) => host.name).filter((name) => !book.failures.has(name));
  const results = full.map((host) => ({ host, result: book.resultOf(host.host.name) }));
  if (!run.signal.aborted) book.note('hook after', await callHooks(run, { when: 'after' }, results));
  return { outcomes: book.outcomes, failures: book.failures, notDone: run.signal.aborted ? left : [] };
}

async function runPhase(phase: Phase, run: Run, { reporter, book }: { reporter: RunReporter; book: RunBook }): Promise<void> {
  const isAlive = ({ host }: HostRun) => !book.failures.has(host.name);
  const hosts = run.hosts.filter((host) => isAlive(host) && takesPart(host, phase));
  if (hosts.length === 0) return;
  const shown = hosts.filter(({ part }) => part === undefined).length;
  if (shown > 0) reporter.phaseStarted(phase.name, shown);
  const stopped = await callHooks(
    run,
    { when: 'before', phase: phase.name },
    hosts.map((host) => ({ host })),
  );
  book.note(phase.name, stopped);
  const done = await new PhaseRun(phase, run, reporter).over(hosts.filter(isAlive));
  book.keep(done);
  const ended = done.flatMap(({ host: name, status }) => {
    const host = hosts.find((one) => one.host.name === name);
    return host === undefined ? [] : [{ host, result: status }];
  });
  const failed = await callHooks(run, { when: 'after', phase: phase.name }, ended);
  book.note(phase.name, failed);
  const failedNames = new Set(failed.map(({ host }) => host));
  if (shown > 0) reporter.phaseFinished(phase.name, [...stopped, ...done.filter(({ host }) => !failedNames.has(host)), ...failed]);
}

/** What became of each host so far. */
class RunBook {
  readonly failures = new Map<string, Failure>();
  readonly outcomes = new Map<string, HostOutcome[]>();
  readonly #run: Run;
  readonly #reporter: RunReporter;

  constructor(run: Run, reporter: RunReporter) {
    this.#run = run;
    this.#reporter = reporter;
  }

  keep(outcomes: readonly HostOutcome[]): void {
    for (const outcome of outcomes) {
      this.outcomes.set(outcome.host, [...(this.outcomes.get(outcome.host) ?? []), outcome]);
      if (outcome.failure !== undefined && !this.failures.has(outcome.host)) this.failures.set(outcome.host, outcome.failure);
    }
  }

  /** The same for outcomes that nobody was told of yet. An interruption is no failure. */
  note(phase: string, outcomes: readonly HostOutcome[]): void {
    if (this.#run.signal.aborted) return;
    for (const outcome of outcomes) this.#reporter.hostFinished(phase, outcome);
    this.keep(outcomes);
  }

  resultOf(name: string): HostOutcome['status'] {
    if (this.failures.has(name)) return 'failed';
    return this.outcomes.get(name)?.some(({ status }) => status === 'changed') === true ? 'changed' : 'unchanged';
  }
}

const takesPart = ({ host, part }: HostRun, phase: Phase): boolean =>
  part !== 'absent' && phase.concerns(host) && (part === undefined || phase.informs === true);

type Planned = { readonly host: HostRun; readonly observed: unknown; readonly changes: readonly Change[]; readonly startedMs: number };

class PhaseRun {
  readonly #phase: Phase;
  readonly #run: Run;
  readonly #reporter: RunReporter;
  readonly #outcomes = new Map<string, HostOutcome>();

  constructor(phase: Phase, run: Run, reporter: RunReporter) {
    this.#phase = phase;
    this.#run = run;
    this.#reporter = reporter;
  }

  /** What became of each host that was done with; of an interrupted run the others are missing. */
  async over(hosts: readonly HostRun[]): Promise<HostOutcome[]> {
    const planned = await this.#plan(hosts);
    const toChange = planned.filter(({ changes }) => changes.length > 0);
    if (!this.#run.dryRun && toChange.length > 0 && !this.#run.signal.aborted) await this.#actOn(toChange);
    return hosts.flatMap(({ host }) => this.#outcomes.get(host.name) ?? []);
  }

  async #plan(hosts: readonly HostRun[]): Promise<Planned[]> {
    const startedMs = performance.now();
    const failed = await this.#once(this.#phase.before?.bind(undefined, hosts, this.#run));
    const results = await fanOut(
      hosts,
      this.#run.forks,
      async (host) => {
        if (failed !== undefined) throw failed.error;
        const hostStartedMs = performance.now();
        const observed = await this.#phase.observe(host, this.#run);
        const changes = this.#phase.plan(observed, host, this.#run);
        if (host.part !== undefined) return this.#holdBack(host, observed, changes);
        if (changes.length === 0 || this.#run.dryRun)
          this.#finish(host, changes.length === 0 ? 'unchanged' : 'would-change', changes, hostStartedMs);
        return { host, observed, changes, startedMs: hostStartedMs };
      },
      { signal: this.#run.signal },
    );
    return results.flatMap((result) => {
      if (result.status === 'done') return [result.value];
      if (result.status === 'failed') this.#fail(result.item, result.error, [], startedMs);
      return [];
    });
  }

  /** A host outside --limit was looked at for the others' sake; what would change there stays as it is. */
  #holdBack(host: HostRun, observed: unknown, changes: readonly Change[]): Planned {
    if (changes.length > 0) (host.heldBack ??= []).push(this.#phase.name);
    return { host, observed, changes: [], startedMs: 0 };
  }

  async #actOn(planned: readonly Planned[]): Promise<void> {
    const hosts = planned.map(({ host }) => host);
    const failed = await this.#once(this.#phase.beforeAct?.bind(undefined, hosts, this.#run));
    await fanOut(
      this.#inOrder(planned),
      Math.min(this.#run.forks, this.#phase.atOnce ?? this.#run.forks),
      async ({ host, observed, changes, startedMs }) => {
        try {
          if (failed !== undefined) throw failed.error;
          await this.#change(host, observed);
          this.#finish(host, 'changed', changes, startedMs);
        } catch (error) {
          this.#fail(host, error, changes, startedMs);
        }
      },
      { signal: this.#run.signal },
    );
  }

  #inOrder(planned: readonly Planned[]): readonly Planned[] {
    const hosts = this.#phase.order?.(
      planned.map(({ host }) => host),
      this.#run,
    );
    return hosts?.flatMap((host) => planned.find((one) => one.host === host) ?? []) ?? planned;
  }

  async #change(host: HostRun, observed: unknown): Promise<void> {
    const { name, owesProof, act, verify } = this.#phase;
    if (owesProof) await this.#note(host, { script: noteUnproven(name), label: `note that ${name} is to be proved` });
    await act?.(observed, host, this.#run);
    await verify?.(host, this.#run);
    if (owesProof) await this.#note(host, { script: noteProven(name), label: `note that ${name} is proved` });
  }

  async #note(host: HostRun, { script, label }: { readonly script: string; readonly label: string }): Promise<void> {
    await runScript(connectionOf(host), script, { label, sudo: true, signal: this.#run.signal });
  }

  /** What is done once for all hosts fails for all of them. */
  async #once(work: (() => Promise<void>) | undefined): Promise<{ error: unknown } | undefined> {
    try {
      await work?.();
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  #finish(host: HostRun, status: HostOutcome['status'], changes: readonly Change[], startedMs: number): void {
    this.#tell({ host: host.host.name, status, changes, seconds: (performance.now() - startedMs) / 1000, ...takeWarnings(host) });
  }

  #fail(hostRun: HostRun, error: unknown, changes: readonly Change[], startedMs: number): void {
    const { host } = hostRun;
    hostRun.failed = true;
    const failure = failureOf(this.#phase.name, host.name, error);
    this.#tell({
      host: host.name,
      status: 'failed',
      changes,
      seconds: (performance.now() - startedMs) / 1000,
      ...takeWarnings(hostRun),
      failure,
    });
  }

  #tell(outcome: HostOutcome): void {
    this.#outcomes.set(outcome.host, outcome);
    this.#reporter.hostFinished(this.#phase.name, outcome);
  }
}

/** The warnings of one phase, which are then not told again. */
function takeWarnings(host: HostRun): Pick<HostOutcome, 'warnings'> {
  const { warnings = [] } = host;
  delete host.warnings;
  return warnings.length === 0 ? {} : { warnings };
}
