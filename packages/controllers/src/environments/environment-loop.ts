import type { EnvironmentTask, Event, PackageListing } from '@muster/api';
import {
  afterTask,
  type Clock,
  decideEnvironments,
  type EnvironmentDecision,
  type EnvironmentPicture,
  type EnvironmentSettings,
  type Log,
  type PicturedWork,
} from '@muster/core';
import {
  EnvironmentNotFound,
  type FinishedWork,
  type NewEvent,
  NodeNotFound,
  type Store,
  type StoredEnvironment,
  TooManyTasks,
} from '@muster/store';
import { readListing } from './read-listing.ts';

export type EnvironmentLoopParts = {
  readonly store: Pick<Store, 'environmentWork' | 'environmentPackages'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: EnvironmentSettings & { readonly timeoutSeconds: number; readonly maxUnpackedBytes: number };
};

const lookMs = 250;
/** Events come in crowds: of a whole fleet that reports, one round is made. */
const leastMs = 1000;
/** For what the clock alone brings about, as the time to try again. */
const idleMs = 15_000;

/** Events after which something may be to be done. */
const concerns: ReadonlySet<Event['kind']> = new Set([
  'environment-changed',
  'environment-task',
  'task-changed',
  'node-added',
  'node-changed',
  'node-removed',
  'node-registered',
  'node-connected',
  'node-disconnected',
]);

/**
 * Offers each version of each environment to the nodes that are to have it, lets them build it, so many at a time, and notes how it came out. All it
 * knows is in the store: it may be killed anywhere, and any number of servers may do the same.
 */
export class EnvironmentLoop {
  readonly #parts: EnvironmentLoopParts;
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #ticking = false;
  #stale = true;
  #lastMs: number;

  constructor(parts: EnvironmentLoopParts) {
    this.#parts = parts;
    this.#lastMs = parts.clock.monotonicMs() - leastMs;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tick;
  }

  apply({ kind }: Pick<Event, 'kind'>): void {
    if (concerns.has(kind)) this.#stale = true;
  }

  /** One round: what has ended, what is to be offered, what begins. Called by the timer; tests call it themselves. */
  async tick(): Promise<void> {
    const { environmentWork } = this.#parts.store;
    for (const finished of await environmentWork.finished()) await this.#finish(finished);
    const picture = await environmentWork.picture();
    const decision = decideEnvironments(picture, this.#parts.settings);
    await environmentWork.save(decision.changes, scheduledEvents(decision));
    // What was just offered begins in the next round.
    if (decision.changes.length > 0) this.#stale = true;
    for (const works of byEnvironment(decision.starts)) await this.#begin(works, picture);
  }

  #look(): void {
    const { clock, log } = this.#parts;
    const sinceMs = clock.monotonicMs() - this.#lastMs;
    if (this.#ticking || sinceMs < (this.#stale ? leastMs : idleMs)) return;
    // Before the store is asked: an event that comes meanwhile must not be lost.
    [this.#stale, this.#ticking, this.#lastMs] = [false, true, clock.monotonicMs()];
    this.#tick = this.tick()
      .catch((error: unknown) => {
        this.#stale = true;
        log.warn({ error: String(error) }, 'environments could not be brought on; tried again in a second');
      })
      .finally(() => {
        this.#ticking = false;
      });
  }

  async #finish({ work, nodeName, environment, ended, output }: FinishedWork): Promise<void> {
    const { environmentWork, environmentPackages } = this.#parts.store;
    const listing: PackageListing | undefined = ended.state === 'succeeded' ? readListing(output) : undefined;
    if (listing !== undefined && work.version !== null)
      await environmentPackages.save(work.environmentId, work.version, work.nodeId, listing);
    await environmentWork.save([afterTask(work, ended)], [finishedEvent(work, nodeName, environment, ended)]);
  }

  /** One environment's work that begins now. What cannot begin stays as it is, and holds up nothing else. */
  async #begin(works: readonly PicturedWork[], picture: EnvironmentPicture): Promise<void> {
    const { store, log, settings } = this.#parts;
    const [first] = works;
    const environment = picture.environments.find(({ id }) => id === first?.environmentId);
    if (first === undefined || environment === undefined) return;
    const { action, version } = first;
    try {
      const task = await this.#taskOf(first, environment.name, environment.force);
      if (task === undefined) return;
      const spec = { kind: 'environment', action, environment: environment.name, version } as const;
      await store.environmentWork.begin({ environment: environment.name, spec, task, timeoutSeconds: settings.timeoutSeconds, works });
    } catch (error) {
      if (!(error instanceof TooManyTasks) && !(error instanceof NodeNotFound) && !(error instanceof EnvironmentNotFound)) throw error;
      log.info({ environment: environment.name, reason: error.message }, 'work about an environment does not begin yet');
    }
  }

  /** Undefined where the environment was changed since: the next round offers what is right then. */
  async #taskOf({ environmentId, action, version }: PicturedWork, name: string, force: boolean): Promise<EnvironmentTask | undefined> {
    if (action === 'remove') return { kind: 'environment', action, name, force };
    const stored = await this.#parts.store.environmentWork.taskOf(environmentId);
    return stored.version === version ? ensureTask(stored, this.#parts.settings.maxUnpackedBytes) : undefined;
  }
}

const ensureTask = (
  { name, version, definitionSha256, recipe, artifacts }: StoredEnvironment,
  maxUnpackedBytes: number,
): EnvironmentTask => ({
  kind: 'environment',
  action: 'ensure',
  name,
  version,
  definitionSha256,
  recipe,
  artifacts,
  maxUnpackedBytes,
});

/** Work that is the same task: of one environment, one version and one action. */
function byEnvironment(works: readonly PicturedWork[]): PicturedWork[][] {
  const groups = new Map<string, PicturedWork[]>();
  for (const work of works) {
    const key = `${work.environmentId} ${work.action} ${work.version}`;
    groups.set(key, [...(groups.get(key) ?? []), work]);
  }
  return [...groups.values()];
}

/** One event for all that was scheduled in a round: a fleet is many nodes. */
function scheduledEvents({ changes }: EnvironmentDecision): NewEvent[] {
  const scheduled = changes.filter(({ to }) => to !== 'forget' && to.state === 'new');
  if (scheduled.length === 0) return [];
  const nodes = new Set(scheduled.map(({ nodeId }) => nodeId)).size;
  const message = `Work about environments is scheduled on ${nodes} node${nodes === 1 ? '' : 's'}.`;
  return [
    { kind: 'environment-task', severity: 'info', nodeId: null, nodeName: null, message, data: { scheduled: scheduled.length, nodes } },
  ];
}

function finishedEvent(work: PicturedWork, nodeName: string, environment: string, ended: FinishedWork['ended']): NewEvent {
  const isGood = ended.state === 'succeeded';
  const what = `${work.action} ${environment}${work.version === null ? '' : ` (version ${work.version})`} on ${nodeName}`;
  return {
    kind: 'environment-task',
    severity: isGood ? 'info' : 'warning',
    nodeId: work.nodeId,
    nodeName,
    message: `${what}: ${isGood ? 'done' : 'failed'}. ${ended.message}`,
    data: { environment, action: work.action, version: work.version, state: isGood ? 'success' : 'failed' },
  };
}
