import { createHash } from 'node:crypto';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { writeManaged } from '../host/managed-file.ts';
import { runScript } from '../host/run-script.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { controllersOf, isKnown } from './members.ts';
import { clusterNameOf } from './shared-files.ts';
import { slurmStateFolder } from './slurm-conf.ts';
import { decideState, isRegistered, readStateSeen, stateChanges, type StateSeen, type StateWork } from './state-decisions.ts';
import { sharedFolderOf } from './state-folder.ts';
import {
  copyState,
  dropIn,
  dropInPath,
  lookAtState,
  markFolder,
  readyDropIn,
  registerUser,
  removeDropIn,
  seeMark,
  stopController,
} from './state-scripts.ts';

/**
 * The folder of the controllers' state: that it is really the same on all of them, that slurm may write there, and that a state that was
 * elsewhere comes along. Before any controller is started.
 */
export const slurmStatePhase: Phase<StateSeen> = {
  name: 'slurm-state',
  needs: ['slurm-packages'],
  informs: true,
  concerns: ({ roles }) => roles.includes('slurm-controller'),
  before: async (hosts, run) => {
    run.slurmState = await lookAtAll(hosts, run);
  },
  observe: async ({ host }, run) => {
    const seen = run.slurmState?.seen.get(host.name);
    if (seen === undefined) throw new ProvisionError(`${host.name} was not looked at.`);
    return seen;
  },
  plan: (_seen, { host }, run) => (run.slurmState === undefined ? [] : stateChanges(run.slurmState, host.name, dropInHash(run.slurmState))),
  beforeAct: async (_hosts, run) => {
    const { slurmState: work } = run;
    if (work === undefined) return;
    requireAllInRun(run);
    if (!work.isProved || needsSourceNoted(work)) await prove(work, run);
    if (work.source !== undefined) await move(work, work.source, run);
  },
  act: async (seen, host, run) => {
    const { slurmState: work, signal } = run;
    if (work === undefined) return;
    const connection = connectionOf(host);
    if (work.isShared && !isRegistered(seen))
      await runScript(connection, registerUser(work.folder), { label: 'note the controller of the state', sudo: true, signal });
    if (seen.dropIn !== (dropInHash(work) ?? 'none')) await changeDropIn(host, work, signal);
  },
};

async function lookAtAll(hosts: readonly HostRun[], run: Run): Promise<StateWork> {
  const all = controllersOf(run);
  const [primary] = all;
  if (primary === undefined) throw new ProvisionError('There is no controller of Slurm to look at.');
  const shared = sharedFolderOf(primary.host);
  const folder = shared ?? slurmStateFolder;
  const looks = await Promise.all(
    all
      .filter((host) => hosts.includes(host))
      .map(async (host) => {
        const options = { label: 'look at the state of Slurm', sudo: true, signal: run.signal };
        return [host.host.name, readStateSeen(await runScript(connectionOf(host), lookAtState(folder), options))] as const;
      }),
  );
  const wanted = {
    folder,
    isShared: shared !== undefined,
    clusterName: clusterNameOf(primary.host),
    mayTakeOver: all.some(({ host }) => flagVariable(host, 'slurm_take_over', false)),
    away: all.filter((host) => !isKnown(host)).map(({ host }) => host.name),
  };
  return decideState(wanted, new Map(looks));
}

/** @throws ProvisionError where one of the controllers is only looked at in this run */
function requireAllInRun(run: Run): void {
  const outside = controllersOf(run).find(({ heldBack }) => heldBack?.includes('slurm-state') === true);
  if (outside === undefined) return;
  throw new ProvisionError(
    `The controllers of Slurm change together, and ${outside.host.name} is outside --limit. Take it in: --limit '...,${outside.host.name}'.`,
  );
}

const dropInHash = ({ isShared, folder }: StateWork): string | undefined =>
  isShared ? createHash('sha256').update(dropIn(folder)).digest('hex') : undefined;

const fromText = ({ host, from }: { readonly host: string; readonly from: string }): string => `${host}:${from}`;

/** Before a state is copied the folder says where from: a run that is repeated knows its own half copy. */
const needsSourceNoted = ({ source, seen }: StateWork): boolean =>
  source !== undefined && [...seen.values()].some(({ mark }) => mark.get('from') !== fromText(source));

/** Writes on the first controller what all the others have to see. */
async function prove(work: StateWork, run: Run): Promise<void> {
  const [first, ...others] = controllersOf(run).filter(({ host }) => work.seen.has(host.name));
  if (first === undefined) return;
  const { folder, source, clusterName, seen } = work;
  const from = source === undefined ? seen.get(first.host.name)?.mark.get('from') : fromText(source);
  const stdin = [`cluster=${clusterName}`, ...(from === undefined ? [] : [`from=${from}`])].join('\n');
  const options = { sudo: true, signal: run.signal };
  const token = await runScript(connectionOf(first), markFolder(folder), { ...options, label: 'mark the folder of the state', stdin });
  await Promise.all(
    others.map(async (host) => {
      const look = { ...options, label: 'look for the mark in the folder of the state', stdin: token };
      await runScript(connectionOf(host), seeMark(folder), look).catch((error: unknown) => {
        if (!(error instanceof ProvisionError)) throw error;
        throw new ProvisionError(
          `${folder} on ${host.host.name} is not the folder that ${first.host.name} has there: what ${first.host.name} writes is not seen. Mount the same one on every controller of Slurm.`,
          { cause: error },
        );
      });
    }),
  );
}

/** No controller works with a state while it is copied. They start again in the phase of the controllers, with the new place. */
async function move(work: StateWork, source: NonNullable<StateWork['source']>, run: Run): Promise<void> {
  const controllers = controllersOf(run).filter(({ host }) => work.seen.has(host.name));
  const options = { sudo: true, signal: run.signal };
  await Promise.all(
    controllers.map((host) => runScript(connectionOf(host), stopController, { ...options, label: 'stop slurmctld for its state to move' })),
  );
  const host = controllers.find((one) => one.host.name === source.host);
  if (host === undefined) return;
  const script = copyState(source.from, work.folder);
  await runScript(connectionOf(host), script, { ...options, label: 'copy the state of Slurm', timeoutSeconds: 1800 });
}

async function changeDropIn(host: HostRun, { isShared, folder }: StateWork, signal: AbortSignal): Promise<void> {
  const connection = connectionOf(host);
  const options = { sudo: true, signal };
  if (!isShared) {
    await runScript(connection, removeDropIn, { ...options, label: 'remove the drop-in of slurmctld' });
    return;
  }
  await runScript(connection, readyDropIn, { ...options, label: 'note the drop-in of slurmctld' });
  await writeManaged(connection, { path: dropInPath, content: dropIn(folder), mode: 0o644 }, signal);
  await runScript(connection, 'systemctl daemon-reload', { ...options, label: 'read the units again' });
}
