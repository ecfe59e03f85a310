import type { Change } from '../engine/phase.ts';
import { readLines } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { noFolder } from './state-folder.ts';

/** What a controller has of the state, and what it sees of the folder where that is to be. */
export type StateSeen = {
  readonly hostname: string;
  /** Of the user slurm; undefined before its packages are there. */
  readonly uid: string | undefined;
  /** Where a configuration of a run has the state now; empty without one. */
  readonly current: string;
  readonly hasCurrentState: boolean;
  /** Whether that configuration has this host as the primary. */
  readonly isPrimary: boolean;
  readonly isThere: boolean;
  readonly owner: string | undefined;
  readonly isWritable: boolean;
  readonly hasState: boolean;
  /** What the mark in the folder says; empty without one. */
  readonly mark: ReadonlyMap<string, string>;
  readonly inode: string;
  /** Hostnames of the controllers that work with the folder. */
  readonly users: readonly string[];
  /** Names of other things in it. */
  readonly others: readonly string[];
  /** Whether this host has noted that it works with the folder. */
  readonly isNoted: boolean;
  /** SHA-256 of the drop-in of slurmctld, or `none`. */
  readonly dropIn: string;
};

/** Reads what the look printed. */
export function readStateSeen(output: string): StateSeen {
  const lines = readLines(output);
  const text = (key: string): string => lines.get(key) ?? '';
  const isYes = (key: string): boolean => lines.get(key) === 'yes';
  const all = (key: string): string[] =>
    output.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
  const mark = [...lines].flatMap(([key, value]): [string, string][] => (key.startsWith('mark_') ? [[key.slice(5), value]] : []));
  return {
    hostname: text('hostname'),
    uid: text('uid') || undefined,
    current: text('current'),
    hasCurrentState: isYes('current_state'),
    isPrimary: text('primary') !== '' && text('primary') === text('hostname'),
    isThere: isYes('there'),
    owner: lines.get('owner'),
    isWritable: isYes('writable'),
    hasState: isYes('state'),
    mark: new Map(mark),
    inode: text('inode'),
    users: all('user'),
    others: all('other'),
    isNoted: isYes('noted'),
    dropIn: text('drop_in'),
  };
}

/** What an inventory says of the state, and what of its controllers could not be asked. */
export type StateWanted = {
  readonly folder: string;
  /** Whether the folder is one that controllers share, and not the controller's own. */
  readonly isShared: boolean;
  readonly clusterName: string;
  /** Whether a state that no run has made may be gone on with. */
  readonly mayTakeOver: boolean;
  /** Names of controllers that have failed in this run. */
  readonly away: readonly string[];
};

/** What is to be done about the folder. */
export type StateWork = StateWanted & {
  readonly seen: ReadonlyMap<string, StateSeen>;
  /** Whether all controllers have been seen to see the same folder, and slurm may write there. */
  readonly isProved: boolean;
  /** The host, and the folder there, whose state is to be copied. */
  readonly source: { readonly host: string; readonly from: string } | undefined;
};

/**
 * What is to be done so that the controllers work with the same folder and go on from the state that is in force. Pure.
 * @throws ProvisionError for a folder that Slurm must not have, and for a move after which nobody could tell which state is right
 */
export function decideState(wanted: StateWanted, seen: ReadonlyMap<string, StateSeen>): StateWork {
  const controllers = [...seen].map(([name, one]) => ({ name, ...one }));
  if (wanted.isShared) {
    for (const one of controllers) requireUsable(one, wanted);
    requireSameUid(controllers);
    requireOurUsers(controllers, wanted);
  }
  const source = sourceOf(controllers, wanted);
  for (const one of controllers) requireKnownState(one, wanted, source);
  return { ...wanted, seen, isProved: !wanted.isShared || isProved(controllers), source };
}

type Controller = StateSeen & { readonly name: string };

function requireUsable(controller: Controller, { folder }: StateWanted): void {
  const { name, isThere, mark, others, hasState } = controller;
  if (!isThere) throw noFolder(name, folder);
  requireSlurms(controller, folder);
  if (mark.size > 0 || hasState || others.length === 0) return;
  throw new ProvisionError(
    `${folder} on ${name} has other things in it (${others.slice(0, 3).join(', ')}). Give Slurm a folder of its own, an empty one.`,
  );
}

/** Root's becomes slurm's; anybody else's is not taken away. */
function requireSlurms({ name, owner, uid, isWritable }: Controller, folder: string): void {
  if (uid === undefined || owner === '0') return;
  if (owner !== uid) {
    throw new ProvisionError(
      `${folder} on ${name} belongs to uid ${owner ?? 'unknown'}: make it root's, or the property of slurm, whose uid there is ${uid}.`,
    );
  }
  if (!isWritable) {
    throw new ProvisionError(`The user slurm cannot write to ${folder} on ${name}, though it is its own. Is it mounted read-only?`);
  }
}

function requireSameUid(controllers: readonly Controller[]): void {
  const [first, ...more] = controllers.filter(({ uid }) => uid !== undefined);
  const other = more.find(({ uid }) => uid !== first?.uid);
  if (first === undefined || other === undefined) return;
  throw new ProvisionError(
    `The user slurm has uid ${first.uid ?? ''} on ${first.name} and ${other.uid ?? ''} on ${other.name}, so these could not write to the same files. Give it the same number on all controllers.`,
  );
}

/** Two clusters with one state would spoil each other's. */
function requireOurUsers(controllers: readonly Controller[], { folder, clusterName, away }: StateWanted): void {
  const cluster = controllers.map(({ mark }) => mark.get('cluster')).find((name) => name !== undefined && name !== clusterName);
  if (cluster !== undefined)
    throw new ProvisionError(
      `${folder} has the state of the Slurm cluster ${cluster}, and this one is ${clusterName}. Give each a folder of its own.`,
    );
  const hostnames = new Set(controllers.map(({ hostname }) => hostname));
  const strangers = [...new Set(controllers.flatMap(({ users }) => users))].filter((name) => !hostnames.has(name));
  const [stranger] = strangers;
  // Of one that cannot be asked nobody knows the hostname.
  if (stranger === undefined || strangers.length <= away.length) return;
  throw new ProvisionError(
    `${folder} is also the state of a controller ${stranger}, which is not in [slurm_controller]. Reset that host first; if it is gone for good, remove ${folder}/.muster-controller-${stranger}.`,
  );
}

/** Where the state in force is, if that is elsewhere. */
function sourceOf(controllers: readonly Controller[], { folder, away }: StateWanted): StateWork['source'] {
  const having = controllers.filter(({ current, hasCurrentState }) => current !== '' && current !== folder && hasCurrentState);
  const primaries = having.filter(({ isPrimary }) => isPrimary);
  const [source = having[0], second] = primaries;
  if (source === undefined) return undefined;
  if (second !== undefined)
    throw new ProvisionError(
      `${source.name} and ${second.name} are the primary controllers of two clusters, each with a state of its own. Reset the one whose jobs need not be kept first.`,
    );
  if (away.length > 0)
    throw new ProvisionError(
      `The state of Slurm cannot move from ${source.current} to ${folder} while ${away.join(', ')} has not been asked: slurmctld may run there. Mend that host first, or take it out of [slurm_controller].`,
    );
  return { host: source.name, from: source.current };
}

/** A state that is there already: only one that a run has put there, or that is in force, or that may be taken over. */
function requireKnownState({ name, hasState, current, mark }: Controller, wanted: StateWanted, source: StateWork['source']): void {
  const { folder, mayTakeOver, isShared } = wanted;
  if (!hasState || current === folder) return;
  if (source !== undefined) {
    if (mark.get('from') === `${source.host}:${source.from}`) return;
    throw new ProvisionError(
      `${folder} on ${name} has a state of Slurm, and ${source.from} on ${source.host} the one in force. Which jobs are to be kept only you know: empty ${folder} to go on with those in force, then run the same command again.`,
    );
  }
  if (!isShared || mayTakeOver || mark.size > 0) return;
  throw new ProvisionError(
    `${folder} on ${name} has the state of a Slurm that no run has made. Set slurm_take_over=yes to go on with it, or empty the folder.`,
  );
}

/** One that was copied has the mark too, but not the same file. */
function isProved(controllers: readonly Controller[]): boolean {
  const sights = new Set(controllers.map(({ mark, inode }) => `${mark.get('token') ?? ''} ${inode}`));
  return sights.size === 1 && controllers.every(({ mark, uid, owner, isWritable }) => mark.has('token') && owner === uid && isWritable);
}

/** The changes of one controller, in words. Pure. */
export function stateChanges(work: StateWork, name: string, dropInHash: string | undefined): Change[] {
  const { seen, folder, isShared, isProved: proved, source } = work;
  const one = seen.get(name);
  if (one === undefined) return [];
  const all = [...seen.keys()];
  const prove = all.length > 1 ? `prove that ${folder} is the same folder on ${all.join(', ')}, and slurm's` : `give ${folder} to slurm`;
  return [
    ...(proved ? [] : [{ what: prove }]),
    ...(isShared && !isRegistered(one) ? [{ what: `keep the state of Slurm in ${folder}` }] : []),
    ...(source === undefined ? [] : [{ what: moveText(work, name) }]),
    ...(one.dropIn === (dropInHash ?? 'none')
      ? []
      : [{ what: `${dropInHash === undefined ? 'remove' : 'write'} the drop-in of slurmctld.service` }]),
  ];
}

/** Whether reset and the other controllers will know that this one works with the folder. */
export const isRegistered = ({ isNoted, users, hostname }: StateSeen): boolean => isNoted && users.includes(hostname);

const moveText = ({ source, folder }: StateWork, name: string): string =>
  source?.host === name ? `stop slurmctld and copy its state from ${source.from} to ${folder}` : 'stop slurmctld until the state is copied';
