import { access } from 'node:fs/promises';
import type { AgentMessage, ServerMessage } from '@muster/api/agent';
import { protocolVersion } from '@muster/api/agent';
import { AgentError, messageOf } from './agent-error.ts';
import type { Clock } from './clock.ts';
import type { AgentConfig } from './config/config.ts';
import { Link } from './connection/link.ts';
import { parseServerAddress } from './connection/server-address.ts';
import type { Welcome } from './connection/session.ts';
import { readBootId } from './facts/boot-id.ts';
import { FactWatcher } from './facts/fact-watcher.ts';
import type { FactSources } from './facts/sources.ts';
import type { Log } from './log.ts';
import { CertificateRequest } from './renewal/certificate-request.ts';
import { Renewer } from './renewal/renewer.ts';
import { Reporter } from './reporting/reporter.ts';
import { ServiceWatcher } from './services/service-watcher.ts';
import type { Identity } from './state/identity.ts';
import type { IdentityStore } from './state/identity-store.ts';
import { readNodeRecord, writeNodeRecord, type NodeRecord } from './state/node-record.ts';
import { agentVersion } from './version.ts';

export type AgentParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly config: AgentConfig;
  readonly stateDir: string;
  readonly store: IdentityStore;
  readonly sources: FactSources;
  /** Makes a key and its request in the state folder, outside this process. */
  readonly makeKey: (nodeName: string) => Promise<void>;
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
  const agent = new Agent(parts, { identities, first, record, servers, bootId });
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
};

/** Ties the parts together; each of them knows nothing of the others. */
class Agent implements RunningAgent {
  readonly #parts: AgentParts;
  readonly #link: Link;
  readonly #reporter: Reporter;
  readonly #request: CertificateRequest;
  readonly #renewer: Renewer;
  readonly #facts: FactWatcher;
  readonly #services: ServiceWatcher;
  #record: NodeRecord;
  #inUse: Identity;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: AgentParts, { identities, first, record, servers, bootId }: Beginning) {
    const { clock, log, store, sources, config } = parts;
    this.#parts = parts;
    this.#record = record;
    this.#inUse = first;
    const send = (message: AgentMessage): boolean => this.#link.send(message);
    this.#reporter = new Reporter({ clock, send });
    this.#request = new CertificateRequest(clock, send);
    const hello = (): AgentMessage => ({ type: 'hello', protocol: protocolVersion, agentVersion, bootId, clockMs: clock.wallMs() });
    this.#link = new Link(
      {
        clock,
        log,
        hello,
        onWelcome: (welcome, identity, tookOver) => this.#welcomed(welcome, identity, tookOver),
        onSettings: (settings) => this.#apply(settings),
        onMessage: (message) => this.#received(message),
        onLost: () => this.#request.connectionLost(),
      },
      identities,
      servers,
    );
    this.#renewer = new Renewer(
      {
        clock,
        log,
        store,
        nodeName: () => this.#record.nodeName,
        makeKey: parts.makeKey,
        askForCertificate: (csrPem) => this.#request.ask(csrPem),
        handOver: (identity) => this.#link.handOver(identity),
      },
      first,
    );
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
  }

  start(): void {
    const { log, config } = this.#parts;
    log.info('agent starts', {
      version: agentVersion,
      node: this.#record.nodeName,
      nodeId: this.#inUse.nodeId,
      watched: config.watch.length,
    });
    void this.#facts.start();
    void this.#services.start();
    this.#link.start();
    this.#renewer.start();
  }

  async stop(): Promise<void> {
    this.#facts.stop();
    this.#services.stop();
    this.#renewer.stop();
    this.#reporter.stop();
    await this.#link.stop();
    await this.#saving;
  }

  #welcomed(welcome: Welcome, identity: Identity, tookOver: boolean): void {
    const { nodeId, nodeName, settings } = welcome;
    if (!tookOver && identity.generation !== this.#inUse.generation) this.#useOther(identity);
    this.#inUse = identity;
    this.#save({ ...this.#record, nodeId, nodeName });
    this.#apply(settings);
    this.#reporter.welcomed();
  }

  /** The identity in use was turned down and this one was not. */
  #useOther(identity: Identity): void {
    const { store, log } = this.#parts;
    log.warn('another identity of this node is in use from now on', { serial: identity.serial });
    this.#renewer.use(identity);
    this.#saving = this.#saving
      .then(() => store.activate(identity.generation))
      .catch((error: unknown) => log.error('the identity could not be switched on disk', { reason: messageOf(error) }));
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

  #received(message: ServerMessage): void {
    this.#request.answered(message);
  }
}
