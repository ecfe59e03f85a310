import { createHash } from 'node:crypto';
import type { EnvironmentsReport } from '@muster/api';
import type { DeliverableTask, Store } from '@muster/store';
import { FakeClock, KeptLog, withStore } from '@muster/testkit';
import { EnvironmentLoop, type EnvironmentLoopParts } from '../src/index.ts';

type Settings = EnvironmentLoopParts['settings'];

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A loop on a real store, with nodes whose agents do what a test says. */
export class EnvironmentFixture {
  readonly clock = new FakeClock();
  readonly log = new KeptLog();
  readonly store: Store;
  readonly settings: Settings = { nodesAtOnce: 10, autoSync: false, timeoutSeconds: 600, maxUnpackedBytes: 1000 };
  loop: EnvironmentLoop;
  readonly #has = new Map<string, Map<string, { version: number; definitionSha256: string }>>();
  readonly #ids = new Map<string, string>();

  static async open(settings: Partial<Settings> = {}): Promise<EnvironmentFixture> {
    const { store } = await withStore();
    return new EnvironmentFixture(store, settings);
  }

  private constructor(store: Store, settings: Partial<Settings>) {
    this.store = store;
    this.settings = { ...this.settings, ...settings };
    this.loop = this.#makeLoop();
  }

  /** Another process on the same store, as after kill -9. */
  restart(): void {
    this.loop = this.#makeLoop();
  }

  #makeLoop(): EnvironmentLoop {
    return new EnvironmentLoop({ store: this.store, clock: this.clock, log: this.log, settings: this.settings });
  }

  /** A node that is registered and connected, and says that it has no environments. */
  async addNode(name: string, environments: 'on' | 'off' = 'on'): Promise<string> {
    const { id } = await this.store.nodes.add({ name, privateIp: null, publicIp: null, labels: {}, groups: [], environments, notes: '' });
    await this.store.enrolment.makeToken(id, sha256(`token of ${name}`), 600);
    const certificate = {
      serial: sha256(name).slice(0, 32),
      fingerprint: sha256(name),
      spkiSha256: sha256(name),
      notBefore: new Date(),
      notAfter: new Date(Date.now() + 1e9),
      chainPem: '',
      authority: 1,
    };
    const redeemed = await this.store.enrolment.redeem({
      nodeName: name,
      secretSha256: sha256(`token of ${name}`),
      spkiSha256: sha256(name),
      sign: () => Promise.resolve(certificate),
    });
    if (!redeemed.ok) throw new Error(redeemed.message);
    this.#ids.set(name, id);
    this.#has.set(name, new Map());
    await this.connect(name);
    return id;
  }

  async connect(name: string, connected = true): Promise<void> {
    await this.store.presence.setConnected(this.idOf(name), 'server', connected);
    if (connected) await this.report(name);
  }

  async turn(name: string, environments: 'on' | 'off'): Promise<void> {
    await this.store.nodes.replace(name, { ...(await this.store.nodes.get(name)), environments });
  }

  idOf(name: string): string {
    const id = this.#ids.get(name);
    if (id === undefined) throw new Error(`no node ${name}`);
    return id;
  }

  /** What the node has changes by hand. */
  lose(name: string, environment: string): void {
    this.#has.get(name)?.delete(environment);
  }

  async report(name: string): Promise<void> {
    const items = [...(this.#has.get(name) ?? [])].map(([environment, one]) => ({ name: environment, ...one }));
    const report: EnvironmentsReport = { available: true, items, truncated: false };
    await this.store.observations.saveEnvironments(this.idOf(name), report);
  }

  async create(name: string, content = name, selector: string | null = null) {
    return this.store.environments.create(name, await this.#decided(content, selector), 'ada');
  }

  async update(name: string, content: string) {
    return this.store.environments.replace(name, await this.#decided(content, null), 'ada');
  }

  async #decided(content: string, selector: string | null) {
    const artifact = { sha256: sha256(content), name: `${content}.tar`, sizeBytes: 1 };
    await this.store.artifacts.add(artifact, 'ada');
    const definition = { definition: { kind: 'archive', sha256: artifact.sha256 }, recipe: { kind: 'archive' } } as const;
    return { ...definition, definitionSha256: sha256(`definition ${content}`), artifacts: [artifact.sha256], selector, description: '' };
  }

  /** The loop looks so often: what one round decides the next begins. */
  async rounds(count = 3): Promise<void> {
    for (let round = 0; round < count; round += 1) await this.loop.tick();
  }

  /** Gives the node its next task, which is then on its disk. */
  async take(name: string): Promise<DeliverableTask | undefined> {
    const [task] = await this.store.delivery.claim([this.idOf(name)], 'server');
    if (task !== undefined) await this.store.delivery.taken(task.nodeId, task.id);
    return task;
  }

  /** The node does a task as a real one would, and says so; its report comes first. */
  async finish(name: string, task: DeliverableTask, how: { exitStatus?: number; message?: string } = {}): Promise<void> {
    const { exitStatus = 0, message = 'done' } = how;
    if (exitStatus === 0) this.#perform(name, task);
    await this.report(name);
    const outcome = exitStatus === 0 ? 'succeeded' : 'failed';
    const output = outputOf(task);
    await this.store.delivery.record(task.nodeId, { id: task.id, outcome, exitStatus, message, output, truncated: false, durationMs: 1 });
  }

  /** What a task changes on the disk of the node. */
  #perform(node: string, task: DeliverableTask): void {
    const { action, name: environment, version, definitionSha256 } = task.work as Record<string, unknown>;
    if (action === 'ensure')
      this.#has.get(node)?.set(String(environment), { version: Number(version), definitionSha256: String(definitionSha256) });
    if (action === 'remove') this.#has.get(node)?.delete(String(environment));
  }

  /** The node does everything that is asked of it, until nothing more is. Gives what it did. */
  async settle(name: string): Promise<string[]> {
    const did: string[] = [];
    for (let idle = 0; idle < 2;) {
      await this.rounds();
      const task = await this.take(name);
      if (task === undefined) {
        idle += 1;
        continue;
      }
      const { action, name: environment, version = '-' } = task.work as Record<string, string>;
      did.push(`${action} ${environment} ${version}`);
      await this.finish(name, task);
    }
    return did;
  }

  async workOf(name: string): Promise<Record<string, string>> {
    const { environments, work } = await this.store.environmentWork.picture();
    const nameOf = new Map(environments.map((one) => [one.id, one.name]));
    const its = work.filter(({ nodeId }) => nodeId === this.idOf(name));
    return Object.fromEntries(
      its.map(({ environmentId, action, version, state }) => [nameOf.get(environmentId) ?? '?', `${action} ${version ?? '-'} ${state}`]),
    );
  }
}

/** What the agent says of what it built. */
function outputOf({ work }: DeliverableTask): string {
  const { action, version } = work as Record<string, unknown>;
  if (action !== 'ensure') return '';
  return JSON.stringify({ version, packages: [{ name: 'x', version: '1', source: 'pip' }], truncated: false, lock: 'x==1\n' });
}
