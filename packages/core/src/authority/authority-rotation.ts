import type { RotationPhase, RotationStep } from '@muster/api';

/** One certificate authority of the installation: they are counted, the first is 1. */
export type AuthorityGeneration = number;

/** A rotation that is under way. */
export type AuthorityRotation = { readonly phase: RotationPhase; readonly from: AuthorityGeneration; readonly to: AuthorityGeneration };

/** Which authority does what at this moment. */
export type AuthorityUse = {
  /** Signs certificates of nodes; new join tokens name it. */
  readonly issues: AuthorityGeneration;
  /** Servers show its certificates to whoever does not ask for another. */
  readonly shows: AuthorityGeneration;
  /** All that are trusted, the one that issues first. */
  readonly trusts: readonly AuthorityGeneration[];
};

/** What each authority does, by the phase. `active` is the one in force when nothing is being replaced. */
export function authorityUse(active: AuthorityGeneration, rotation: AuthorityRotation | null): AuthorityUse {
  if (rotation === null) return { issues: active, shows: active, trusts: [active] };
  const { phase, from, to } = rotation;
  const issues = phase === 'agents' || phase === 'servers' ? to : from;
  return { issues, shows: phase === 'servers' ? to : from, trusts: [issues, issues === to ? from : to] };
}

/** What is known of a node's side of a rotation. */
export type NodeStanding = {
  readonly nodeName: string;
  /** The authority of the certificate in use; null before the first one is proven. */
  readonly certificateOf: AuthorityGeneration | null;
  /** The authorities whose roots the agent said it trusts. */
  readonly trusts: readonly AuthorityGeneration[];
};

/** What a node lacks before the next step, as a sentence; undefined when it lacks nothing. Nodes without a certificate lack nothing: they get the right one. */
export function nodeLag({ phase, from, to }: AuthorityRotation, node: NodeStanding): string | undefined {
  const { certificateOf, trusts } = node;
  if (certificateOf === null) return undefined;
  if (phase === 'rollback') return certificateOf === from ? undefined : 'its certificate is still of the new authority';
  if (!trusts.includes(to)) return 'it does not trust the new authority yet';
  if (phase === 'prepare' || certificateOf === to) return undefined;
  return 'its certificate is still of the old authority';
}

/** What is known of a server's side of a rotation. */
export type ServerStanding = { readonly shows: AuthorityGeneration; readonly trusts: readonly AuthorityGeneration[] };

/** What a server lacks before the next step, as a sentence; undefined when it lacks nothing. */
export function serverLag({ phase, from, to }: AuthorityRotation, { shows, trusts }: ServerStanding): string | undefined {
  if (phase === 'rollback') return shows === from ? undefined : 'it still shows a certificate of the new authority';
  if (!trusts.includes(to)) return 'it has not opened the new authority yet';
  return phase === 'servers' && shows !== to ? 'it still shows a certificate of the old authority' : undefined;
}

/** What a step leads to: a phase, or an end in which one authority is in force and the other is dropped. */
export type StepOutcome =
  | { readonly kind: 'phase'; readonly phase: RotationPhase }
  | { readonly kind: 'end'; readonly keep: AuthorityGeneration; readonly drop: AuthorityGeneration };

/** Either where the step leads, or why it cannot be taken now, in a sentence with advice. */
export type StepVerdict =
  | { readonly ok: true; readonly outcome: StepOutcome }
  | { readonly ok: false; readonly why: string; readonly behind: readonly string[] };

/** Everything that decides about a step. */
export type StepQuestion = {
  readonly step: RotationStep;
  readonly rotation: AuthorityRotation | null;
  /** Names of the nodes and servers that lack something before the next step. */
  readonly behind: readonly string[];
  /** Names the administrator gives up on: they have to enrol again. */
  readonly leaveBehind: readonly string[];
};

const nextPhase: Readonly<Record<RotationPhase, RotationPhase | undefined>> = {
  prepare: 'agents',
  agents: 'servers',
  servers: undefined,
  rollback: undefined,
};

const refuse = (why: string, behind: readonly string[] = []): StepVerdict => ({ ok: false, why, behind });
const lead = (phase: RotationPhase): StepVerdict => ({ ok: true, outcome: { kind: 'phase', phase } });

/** Decides a step of a rotation. Pure. */
export function judgeStep({ step, rotation, behind, leaveBehind }: StepQuestion): StepVerdict {
  if (step === 'begin') {
    if (rotation === null) return lead('prepare');
    return refuse(`A new authority is being introduced already (phase ${rotation.phase}). Go on with next, or take it back with rollback.`);
  }
  if (rotation === null) return refuse('No new authority is being introduced. Start with begin.');
  if (step === 'rollback') return judgeRollback(rotation);
  const stranger = leaveBehind.find((name) => !behind.includes(name));
  if (stranger !== undefined) return refuse(`${stranger} is not behind: only those that are behind can be left behind.`, behind);
  const waitsFor = behind.filter((name) => !leaveBehind.includes(name));
  return step === 'next' ? judgeNext(rotation, waitsFor) : judgeFinish(rotation, waitsFor);
}

function judgeRollback({ phase }: AuthorityRotation): StepVerdict {
  return phase === 'rollback' ? refuse('The new authority is being taken back already. End that with finish.') : lead('rollback');
}

function judgeNext({ phase }: AuthorityRotation, waitsFor: readonly string[]): StepVerdict {
  const next = nextPhase[phase];
  if (next === undefined) return refuse(`After ${phase} comes finish.`);
  return waitsFor.length === 0 ? lead(next) : stillBehind(waitsFor);
}

function judgeFinish({ phase, from, to }: AuthorityRotation, waitsFor: readonly string[]): StepVerdict {
  if (phase !== 'servers' && phase !== 'rollback')
    return refuse(`The phase is ${phase}: the last one before finish is servers. Go on with next.`);
  if (waitsFor.length > 0) return stillBehind(waitsFor);
  const [keep, drop] = phase === 'servers' ? [to, from] : [from, to];
  return { ok: true, outcome: { kind: 'end', keep, drop } };
}

const shownNames = 10;

function stillBehind(names: readonly string[]): StepVerdict {
  const shown = names.slice(0, shownNames).join(', ') + (names.length > shownNames ? ` and ${names.length - shownNames} more` : '');
  return refuse(
    `${names.length} not caught up: ${shown}. Wait until they are, or leave them behind by name: they then have to be enrolled again.`,
    names,
  );
}
