import type { Log } from '@muster/core';
import { publicUrlOf, socketPathOf } from './config/addresses.ts';
import type { Config } from './config/config.ts';
import { eventPages } from './handlers/events.ts';
import { handlersOf } from './handlers/index.ts';
import { EventStream } from './http/event-stream.ts';
import { openListeners } from './http/listeners.ts';
import { makeSealedAuthority } from './identity/installation-keys.ts';
import { makeAgents } from './main/agents.ts';
import { makeConsoles } from './main/consoles.ts';
import { makeFleet, type Others, startFleet } from './main/fleet.ts';
import { type Foundation, openFoundation } from './main/foundation.ts';
import { makeJournals } from './main/journals.ts';
import { makeLoops } from './main/loops.ts';
import { makeMembers, makeMembersAnswers } from './main/members.ts';
import { makeMeasuring } from './main/measuring.ts';
import { askedOfPool } from './main/pool.ts';
import { makeRuns } from './main/runs.ts';
import { makeTelling } from './main/telling.ts';
import { makeTrust } from './main/trust.ts';
import { makeVisitors } from './main/visitors.ts';
import { recordRun } from './record-run.ts';
import { Shutdown } from './shutdown.ts';
import { version as ownVersion } from './version.ts';

/** A running server. */
export type RunningServer = {
  readonly panelUrl: string;
  readonly socketPath: string;
  readonly dataDir: string;
  /** Resolves, with one line for people, when the server cannot go on: whoever started it stops it and ends with that. */
  readonly failed: Promise<Error>;
  /** Makes a one-time sign-in link for the panel. */
  signInLink(): Promise<string>;
  /** Stops in order: agents are told, watchers end, the database last. */
  stop(): Promise<void>;
};

export type StartOptions = {
  readonly config: Config;
  readonly log: Log;
  /** Folder of the built panel. */
  readonly panelDir: string;
  /** The muster command of this installation, a whole path: runs of apply are executed by it. */
  readonly program: string;
  /** Called as the start proceeds, for people who wait. */
  readonly onProgress?: (step: string) => void;
  /** Ends a start that waits for its database. */
  readonly signal?: AbortSignal;
  /** Another version than this build's, and the folder of its migrations: tests start releases side by side. */
  readonly version?: string;
  readonly migrationsDir?: string;
};

/**
 * Constructs everything, in the order in which it is needed, and starts it: first what all stands on, then the agents' side, then what goes
 * round by itself, then the side of people. `main/` holds the first three lists.
 * @throws StartError, ConfigError, or an error of the store with one clear line each; what had started is stopped again
 */
export async function startServer({
  config,
  log,
  panelDir,
  program,
  version = ownVersion,
  ...start
}: StartOptions): Promise<RunningServer> {
  const { onProgress = () => undefined, signal, migrationsDir } = start;
  const shutdown = new Shutdown(log);
  try {
    const foundation = await openFoundation({ config, log, shutdown, onProgress, signal, version, migrationsDir });
    const { store, dataDir, authorities, serverId } = foundation;

    onProgress('listeners');
    const others: Others = {};
    const fleet = await makeFleet(foundation, shutdown, others);
    const { channel, startCopies, ...elsewhere } = makeMembers(foundation, fleet, others);
    const { gateway, times, pool } = fleet;
    const agents = makeAgents(foundation);
    const runs = await makeRuns(foundation, agents.keys, program, shutdown);
    const publicUrl = publicUrlOf(config);
    const telling = makeTelling(foundation, publicUrl);
    const loops = makeLoops(foundation, fleet, agents, telling.teller);
    const metrics = makeMeasuring(foundation, fleet);
    const trust = await makeTrust(foundation);
    const visitors = await makeVisitors(foundation, publicUrl);
    const journals = makeJournals(foundation, fleet, elsewhere.journalsElsewhere);
    const consoles = makeConsoles(foundation, agents, channel);
    const stream = new EventStream(log);
    const asked = { ...telling, ...runs, ...agents.asked, ...askedOfPool(foundation, pool, shutdown), recorder: consoles.recorder };
    const handled = {
      ...visitors,
      ...asked,
      ...askedOfFoundation(foundation),
      timing: () => times.now,
      graceLeftMs: () => loops.graceLeftMs(),
      journals: gateway.journals,
    };
    const handlers = handlersOf({ ...handled, ...elsewhere });
    const listener = await store.events.listen((event) => {
      metrics.apply(event);
      loops.apply(event);
      trust.apply(event);
      gateway.apply(event);
      pool.apply(event);
      stream.publish(event);
      consoles.app.hub.apply(event);
      if (event.kind === 'person-changed') stream.recheck();
      times.apply(event, () => gateway.announceSettings());
    });
    shutdown.add('listener of events', () => listener.stop());
    await startFleet(fleet, config, shutdown);
    const socketPath = socketPathOf(config, dataDir);
    const ofStreams = { stream, pages: eventPages(store), journals, consoles: consoles.app, metrics, store };
    const parts = { ...visitors, ...ofStreams, config, handlers, log, version, panelDir, socketPath };
    const identity = () => ({ ...authorities.identityOf(authorities.shown()), rootPem: authorities.shown().rootPem });
    others.members = await makeMembersAnswers({ ...parts, handlers: handlersOf(handled), foundation, fleet, shutdown });
    const listeners = await openListeners({ ...parts, authorityFiles: trust.files, identity: identity() });
    shutdown.add('listeners', () => listeners.close());
    stream.start();
    shutdown.add('stream of events', () => stream.stop());
    journals.streams.start();
    shutdown.add('streams of journals', () => journals.streams.stop());
    consoles.start(shutdown);
    loops.start(shutdown);
    startCopies(shutdown);
    trust.start(shutdown, () => {
      gateway.authoritiesChanged();
      listeners.renewIdentity(identity());
    });
    shutdown.add('record of this run', await recordRun(store, version, serverId));
    const signInLink = async () => (await visitors.people.links.forAdministrator('admin@muster.local')).url;
    const failed = Promise.race([foundation.databaseLost, pool.superseded]);
    return { panelUrl: publicUrl, socketPath, dataDir, failed, signInLink, stop: () => shutdown.run() };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

/** What the handlers of routes ask of that on which all stands. */
function askedOfFoundation({ config, store, clock, log, sealer, version, masterKeyPath, authorities, ...rest }: Foundation) {
  const { protector, artifactFiles, startedAt } = rest;
  return {
    ...{ store, clock, log, sealer, version, masterKeyPath, artifactFiles, startedAt },
    caFingerprint: () => authorities.trusted()[0].fingerprint,
    makeAuthority: () => makeSealedAuthority(protector, new Date(clock.wallMs())),
    refreshAuthorities: () => authorities.refresh(),
    joinTokenMinutes: config.agents.joinTokenMinutes,
    execEnabled: config.exec.enabled,
  };
}
