import type { NodeAgent } from '@muster/api';
import { type BrakeCount, type BrakeVerdict, decideBrake } from './decide-brake.ts';
import { livenessLimits, type LivenessTimes, restartDelayMs } from './liveness-times.ts';

/** Everything about one node that decides about its agent. */
export type LivenessNode = {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly registered: boolean;
  readonly inMaintenance: boolean;
  /** Whether its agent was ever heard. */
  readonly everHeard: boolean;
  /** Since it was last heard or, for one that never was, since it enrolled. Measured by the caller, by clocks that cannot be set. */
  readonly silentMs: number;
  readonly state: NodeAgent['state'];
  readonly attempts: number;
  /** How long it has been in this state; infinite where nothing was ever done about it. */
  readonly stateAgeMs: number;
  /** Until the next restart may be tried; 0 or less when it may. */
  readonly nextTryInMs: number;
  /** Whether there is a way to restart it. */
  readonly controllable: boolean;
  /** Whether a restart is under way. */
  readonly busy: boolean;
};

export type LivenessPicture = LivenessTimes & {
  readonly enabled: boolean;
  readonly nodes: readonly LivenessNode[];
  /** What is left of the time after the server's own start in which agents come back by themselves. */
  readonly graceLeftMs: number;
  readonly brake: { readonly isOn: boolean; /** Since it was last let go; null when it never was on. */ readonly offForMs: number | null };
  /** Restarts that may be begun now. */
  readonly freeSlots: number;
  /** A number from 0 to 1, another one each time. */
  readonly chance: () => number;
};

/** Why nothing is done about an agent that is not heard. */
export type LeftBecause =
  | 'off'
  | 'not-registered'
  | 'stopped'
  | 'maintenance'
  | 'needs-attention'
  | 'just-started'
  | 'brake'
  | 'fresh-clock'
  | 'no-ssh'
  | 'under-way'
  | 'waiting'
  | 'no-slot';

type Line = { readonly nodeId: string; readonly nodeName: string; /** Why, in words. */ readonly message: string };
export type RestartLine = Line & { readonly attempt: number; readonly nextTryInMs: number };
export type LeftLine = Line & { readonly because: LeftBecause };
/** A node whose agent is in another state from now on, with the one it was in. */
export type ChangeLine = Line & { readonly from: { readonly state: NodeAgent['state']; readonly attempts: number } };

/** What is to be done, each line with its reason, and why nothing is done about the other agents that are not heard. */
export type LivenessPlan = {
  readonly brake: BrakeVerdict;
  readonly restart: readonly RestartLine[];
  /** Restarted often enough: somebody has to look. */
  readonly giveUp: readonly ChangeLine[];
  /** Heard again. */
  readonly recovered: readonly ChangeLine[];
  /** Stopped on purpose, and started by somebody since. */
  readonly startedByOthers: readonly ChangeLine[];
  readonly left: readonly LeftLine[];
};

/** Decides which agents are restarted now. Never looks at a clock: the caller measures. Pure. */
export function decideLiveness(picture: LivenessPicture): LivenessPlan {
  const { nodes } = picture;
  const brake = brakeOf(picture);
  const verdicts = nodes.map((node) => ({ node, verdict: verdictOf(node, picture, brake) }));
  const due = verdicts.filter(({ verdict }) => verdict === 'restart').map(({ node }) => node);
  const first = due.toSorted((a, b) => a.attempts - b.attempts || b.silentMs - a.silentMs).slice(0, Math.max(0, picture.freeSlots));
  const now = new Set(first);
  const of = (wanted: Verdict): LivenessNode[] => verdicts.filter(({ verdict }) => verdict === wanted).map(({ node }) => node);
  return {
    brake,
    restart: first.map((node) => restartOf(node, picture)),
    giveUp: of('give-up').map((node) => changeOf(node, `Not heard after ${node.attempts} restarts of its agent.`)),
    recovered: of('recovered').map((node) => changeOf(node, recoveryOf(node))),
    startedByOthers: of('started').map((node) => changeOf(node, 'Heard again, though its agent was stopped: it was started on the host.')),
    left: [
      ...verdicts.flatMap(({ node, verdict }) => (isLeft(verdict) ? [leftOf(node, verdict)] : [])),
      ...due.filter((node) => !now.has(node)).map((node) => leftOf(node, 'no-slot')),
    ],
  };
}

type Verdict = 'heard' | 'recovered' | 'started' | 'give-up' | 'restart' | LeftBecause;
const acted: ReadonlySet<Verdict> = new Set<Verdict>(['heard', 'recovered', 'started', 'give-up', 'restart']);
const isLeft = (verdict: Verdict): verdict is LeftBecause => !acted.has(verdict);

/** Those whose silence says something: heard before, and not silent for a reason that is known. */
function brakeOf({ enabled, nodes, brake, thresholdMs, suspectMs, graceLeftMs }: LivenessPicture): BrakeVerdict {
  if (!enabled) return brake.isOn ? { action: 'release', message: 'The liveness monitor was turned off.' } : { action: 'stay-off' };
  const watched = nodes.filter(
    (node) => node.registered && node.everHeard && !node.inMaintenance && node.state !== 'stopped' && node.state !== 'needs-attention',
  );
  const silentFor = (ms: number): number => watched.filter((node) => node.silentMs > ms).length;
  const count: BrakeCount = { watched: watched.length, suspects: silentFor(suspectMs), due: silentFor(thresholdMs) };
  // A server that has just started knows of nobody's silence but its own: it does not put the brake on for that.
  return decideBrake(brake.isOn, graceLeftMs > 0 ? { ...count, due: 0 } : count);
}

function verdictOf(node: LivenessNode, picture: LivenessPicture, brake: BrakeVerdict): Verdict {
  const { thresholdMs } = picture;
  if (!node.registered) return 'not-registered';
  if (node.state === 'stopped') return wasStarted(node, thresholdMs) ? 'started' : 'stopped';
  if (node.silentMs <= thresholdMs) return isDisturbed(node) ? 'recovered' : 'heard';
  return heldBack(node, picture, brake) ?? (node.attempts >= livenessLimits.attempts ? 'give-up' : 'restart');
}

/** Something was done about it that it has now made up for; to enrol is not to be heard. */
const isDisturbed = ({ everHeard, state, attempts }: LivenessNode): boolean => everHeard && (state !== 'normal' || attempts > 0);

/** What stands in the way of doing anything about a silent agent now. */
function heldBack(node: LivenessNode, picture: LivenessPicture, brake: BrakeVerdict): LeftBecause | undefined {
  if (!picture.enabled) return 'off';
  if (node.inMaintenance) return 'maintenance';
  if (node.state === 'needs-attention') return 'needs-attention';
  return heldBackForAll(picture, brake) ?? heldBackAlone(node, picture);
}

function heldBackForAll({ graceLeftMs, thresholdMs, brake: before }: LivenessPicture, brake: BrakeVerdict): LeftBecause | undefined {
  if (graceLeftMs > 0) return 'just-started';
  if (brake.action === 'hold') return 'brake';
  if (brake.action === 'release' || (before.offForMs !== null && before.offForMs <= thresholdMs)) return 'fresh-clock';
  return undefined;
}

function heldBackAlone(node: LivenessNode, { thresholdMs }: LivenessPicture): LeftBecause | undefined {
  if (!node.controllable) return 'no-ssh';
  if (node.busy) return 'under-way';
  // Somebody has just started or restarted it: it has its time too.
  if (node.state === 'normal' && node.stateAgeMs <= thresholdMs) return 'fresh-clock';
  return node.nextTryInMs > 0 ? 'waiting' : undefined;
}

const wasStarted = (node: LivenessNode, thresholdMs: number): boolean =>
  node.silentMs <= thresholdMs && node.stateAgeMs - node.silentMs > livenessLimits.stopSettlesMs;

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

function restartOf(node: LivenessNode, { thresholdMs, chance }: LivenessPicture): RestartLine {
  const attempt = node.attempts + 1;
  const nextTryInMs = restartDelayMs(attempt, thresholdMs, chance());
  const message = `Not heard for ${seconds(node.silentMs)}: restart ${attempt} of ${livenessLimits.attempts}.`;
  return { nodeId: node.nodeId, nodeName: node.nodeName, message, attempt, nextTryInMs };
}

const changeOf = ({ nodeId, nodeName, state, attempts }: LivenessNode, message: string): ChangeLine => ({
  nodeId,
  nodeName,
  message,
  from: { state, attempts },
});

function recoveryOf({ state, attempts }: LivenessNode): string {
  if (state === 'needs-attention') return 'Heard again: it needs no attention any more.';
  return `Heard again after ${attempts} ${attempts === 1 ? 'restart' : 'restarts'} of its agent.`;
}

const sentences: Readonly<Record<LeftBecause, (node: LivenessNode) => string>> = {
  off: () => 'The liveness monitor is off.',
  'not-registered': () => 'The agent has not enrolled yet.',
  stopped: () => 'The agent was stopped on purpose.',
  maintenance: () => 'The node is in maintenance.',
  'needs-attention': () => 'It was restarted often enough; somebody has to look.',
  'just-started': () => 'This server has just started and waits for agents to come back by themselves.',
  brake: () => 'Too many nodes are unheard at once.',
  'fresh-clock': () => 'It has its full time from a moment ago: many nodes were unheard until then, or somebody has restarted it.',
  'no-ssh': () => 'The server has no way to it over SSH.',
  'under-way': () => 'A restart is under way.',
  waiting: (node) => `It was restarted; the next try is in ${seconds(node.nextTryInMs)}.`,
  'no-slot': () => `${livenessLimits.atOnce} restarts are under way; it is next.`,
};

const leftOf = (node: LivenessNode, because: LeftBecause): LeftLine => ({
  nodeId: node.nodeId,
  nodeName: node.nodeName,
  because,
  message: sentences[because](node),
});
