import { access } from 'node:fs/promises';
import type { AgentMessage, MoveMessage, ServerMessage } from '@muster/api/agent';
import { protocolVersion } from '@muster/api/agent';
import type { AdoptionRecord } from './adoption/adoption-state.ts';
import { AgentError, messageOf } from './agent-error.ts';
import type { Clock } from './clock.ts';
import type { AgentConfig } from './config/config.ts';
import { boundedServers } from './connection/bounded-settings.ts';
import { Link } from './connection/link.ts';
import { parseServerAddress } from './connection/server-address.ts';
import type { Welcome } from './connection/session.ts';
import { defaultEnvironmentsDir, environmentPaths } from './environments/disk/environment-paths.ts';
import { EnvironmentWatcher } from './environments/environment-watcher.ts';
import { takeInventory } from './environments/inventory.ts';
import { EnvironmentRunner } from './environments/launch/environment-runner.ts';
import type { Launcher } from './environments/launch/launcher.ts';
import { readBootId } from './facts/boot-id.ts';
import { readMachineId } from './facts/machine-id.ts';
import { FactWatcher } from './facts/fact-watcher.ts';
import type { FactSources } from './facts/sources.ts';
import { JournalDesk } from './journal/journal-desk.ts';
import type { StreamProgram } from './journal/stream-program.ts';
import type { Root } from './identity/certificate-chain.ts';
import type { Log } from './log.ts';
import { type CertificatePlaces, NodeCertificates } from './renewal/node-certificates.ts';
import { Reporter } from './reporting/reporter.ts';
import { ServiceWatcher } from './services/service-watcher.ts';
import type { Identity } from './state/identity.ts';
import type { IdentityStore } from './state/identity-store.ts';
import { readNodeRecord, writeNodeRecord, type NodeRecord } from './state/node-record.ts';
import { taskHandlers } from './tasks/handlers/index.ts';
import type { TaskHandlers } from './tasks/task-handler.ts';
import type { TaskJournal } from './tasks/task-journal.ts';
import { TaskRunner } from './tasks/task-runner.ts';
import { agentVersion } from './version.ts';

export type AgentParts = CertificatePlaces & {
  readonly clock: Clock;
  readonly log: Log;
  readonly config: AgentConfig;
  readonly sources: FactSources;
  readonly stream: StreamProgram;
  readonly journal: TaskJournal;
  /** Besides those of this program, or in place of them. */
  readonly handlers?: TaskHandlers;
  /** Starts the processes that build environments; without it this agent builds none. */
  readonly launcher?: () => Promise<Launcher>;
};

/** What `run` keeps running. */
export type RunningAgent = { readonly stop: () => Promise<void> };

/** Begins the agent's work with what enrolment left on the disk. Throws an `AgentError` where that is missing. */
export async function startAgent(parts: AgentParts): Promise<RunningAgent> {
  const identities = await usableIdentities(parts.store);
  const [first] = identities;
  if (first === undefined) {
    throw new AgentError(
      'failed',
      `This node is not enrolled: ${parts.stateDir} holds no identity. Run muster-agent enroll with a join token.`,
    );
  }
  const record = (await readNodeRecord(parts.stateDir)) ?? { nodeId: first.nodeId, nodeName: '', servers: [] };
  const servers = (parts.config.servers ?? record.servers).filter((one) => parseServerAddress(one) !== undefined);
  if (servers.length === 0) {
    throw new AgentError('failed', `No server is known: name one under "servers" in the configuration, or enrol again (${parts.stateDir})`);
  }
  const bootId = await readBootId(parts.sources);
  const [roots, adopted] = [await parts.trust.read(), await parts.adoptionState.read()];
  const agent = new Agent(parts, { identities, first, record, servers, bootId, roots, adopted });
  agent.start();
  return agent;
}

/** The identity in use, then every other complete one. */
async function usableIdentities(store: IdentityStore): Promise<readonly Identity[]> {
  const current = await store.current();
  const all = await store.all();
  return current === undefined ? all : [current, ...all.filter((one) => one.generation !== current.generation)];
}

type Beginning = {
  readonly identities: readonly Identity[];
  readonly first: Identity;
  readonly record: NodeRecord;
  readonly servers: readonly string[];
  readonly bootId: string;
  readonly roots: readonly Root[];
  readonly adopted: AdoptionRecord | undefined;
};

/** Ties the parts together; each of them knows nothing of the others. */
class Agent implements RunningAgent {
  readonly #parts: AgentParts;
  readonly #link: Link;
  readonly #reporter: Reporter;
  readonly #certificates: NodeCertificates;
  readonly #facts: FactWatcher;
  readonly #services: ServiceWatcher;
  readonly #journals: JournalDesk;
  readonly #tasks: TaskRunner;
  readonly #environments: EnvironmentWatcher;
  #record: NodeRecord;
  #inUse: Identity;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: AgentParts, { identities, first, record, servers, bootId, roots, adopted }: Beginning) {
    const { clock, log, sources, config } = parts;
    this.#parts = parts;
    this.#record = record;
    this.#inUse = first;
    const send = (message: AgentMessage): boolean => this.#link.send(message);
    this.#reporter = new Reporter({ clock, send });
    this.#certificates = new NodeCertificates(
      { clock, log, places: parts, nodeName: () => this.#record.nodeName, send, handOver: (identity) => this.#link.handOver(identity) },
      { first, roots, adopted },
    );
    const hello = (): AgentMessage => ({
      type: 'hello',
      protocol: protocolVersion,
      agentVersion,
      bootId,
      clockMs: clock.wallMs(),
      roots: this.#certificates.rootsForHello(),
    });
    this.#link = new Link(
      {
        clock,
        log,
        hello,
        rootsPem: () => this.#certificates.rootsPem(),
        onWelcome: (welcome, identity, tookOver) => this.#welcomed(welcome, identity, tookOver),
        onSettings: (settings) => this.#apply(settings),
        onMessage: (message) => this.#received(message),
        onLost: () => this.#lost(),
      },
      identities,
      servers,
    );
    const backlogBytes = (): number => this.#link.backlogBytes;
    const machineId = (): Promise<string | undefined> => readMachineId(sources);
    this.#journals = new JournalDesk({ clock, log, stream: parts.stream, run: sources.run, send, machineId, backlogBytes });
    this.#facts = new FactWatcher({ clock, log, sources, hostname: config.hostname, onFacts: (facts) => this.#reporter.setFacts(facts) });
    this.#services = new ServiceWatcher({
      clock,
      log,
      run: sources.run,
      hasSystemd: () =>
        access('/run/systemd/system').then(
          () => true,
          () => false,
        ),
      watch: config.watch,
      onServices: (services) => this.#reporter.setServices(services),
    });
    const root = config.environmentsDir ?? defaultEnvironmentsDir;
    this.#environments = new EnvironmentWatcher({
      clock,
      look: () => takeInventory(environmentPaths(root)),
      onEnvironments: (environments) => this.#reporter.setEnvironments(environments),
    });
    const environments = this.#runnerOf(parts, root, servers);
    const rotate = (id: string, signal: AbortSignal) => this.#certificates.rotate(id, signal);
    const handlers = {
      ...taskHandlers({ run: sources.run, onServiceDone: () => this.#services.look(), environments, rotate }),
      ...parts.handlers,
    };
    this.#tasks = new TaskRunner({ clock, log, journal: parts.journal, handlers, send });
  }

  /** Servers are asked for when a build begins: the record has those of the last welcome. */
  #runnerOf({ launcher, stateDir, log, config, clock }: AgentParts, root: string, first: readonly string[]): EnvironmentRunner | undefined {
    if (launcher === undefined) return undefined;
    const servers = () => config.servers ?? (this.#record.servers.length > 0 ? this.#record.servers : first);
    const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
    return new EnvironmentRunner({
      launcher,
      root,
      asSelf: config.buildAsSelf ?? false,
      stateDir,
      servers,
      log,
      wait,
      onChanged: () => this.#environments.look(),
    });
  }

  start(): void {
    const { log, config } = this.#parts;
    log.info('agent starts', {
      version: agentVersion,
      node: this.#record.nodeName,
      nodeId: this.#inUse.nodeId,
      watched: config.watch.length,
    });
    void this.#tasks.recover();
    void this.#facts.start();
    void this.#services.start();
    void this.#environments.look();
    this.#certificates.start();
    this.#link.start();
  }

  async stop(): Promise<void> {
    this.#facts.stop();
    this.#services.stop();
    this.#environments.stop();
    this.#journals.closeAll();
    this.#reporter.stop();
    await this.#tasks.stop();
    await this.#certificates.stop();
    await this.#link.stop();
    await this.#saving;
  }

  #welcomed(welcome: Welcome, identity: Identity, tookOver: boolean): void {
    const { nodeId, nodeName, settings } = welcome;
    if (!tookOver && identity.generation !== this.#inUse.generation) this.#certificates.useOther(identity);
    this.#inUse = identity;
    this.#save({ ...this.#record, nodeId, nodeName });
    this.#apply(settings);
    this.#reporter.welcomed();
    this.#tasks.welcomed();
    this.#certificates.welcomed();
  }

  #apply(settings: Welcome['settings']): void {
    this.#reporter.setInterval(settings.reportSeconds);
    if (settings.servers.length === 0) return;
    if (this.#parts.config.servers === undefined) this.#link.useServers(settings.servers);
    this.#save({ ...this.#record, servers: settings.servers });
  }

  #save(record: NodeRecord): void {
    if (JSON.stringify(record) === JSON.stringify(this.#record)) return;
    this.#record = record;
    const { stateDir, log } = this.#parts;
    this.#saving = this.#saving
      .then(() => writeNodeRecord(stateDir, record))
      .catch((error: unknown) => log.error('the record of this node could not be saved', { reason: messageOf(error) }));
  }

  /** The order is kept for the next start too. Servers that are fixed on this host stay as they are. */
  #move({ servers, withinSeconds }: MoveMessage): void {
    const usable = boundedServers(servers);
    if (this.#parts.config.servers !== undefined) {
      this.#parts.log.warn('this node stays with its server: the configuration fixes its servers', { asked: usable.join(' ') });
    } else if (usable.length > 0) {
      this.#save({ ...this.#record, servers: usable });
      this.#link.move(usable, withinSeconds);
    }
  }

  #received(message: ServerMessage): void {
    if (message.type === 'move') this.#move(message);
    this.#certificates.received(message);
    this.#tasks.received(message);
    this.#journals.received(message);
  }

  #lost(): void {
    this.#certificates.connectionLost();
    this.#journals.closeAll();
  }
}
