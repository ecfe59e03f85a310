import { problem, type AuthorityInfo, type AuthorityStatus, type RotationPhase, type RotationStep } from '@muster/api';
import type { Call, FakeHandlers } from './call.ts';
import type { FakeWorld } from './world.ts';

const info = (generation: number, issues: boolean, shows: boolean): AuthorityInfo => ({
  generation,
  fingerprint: (generation === 1 ? 'c0ffee' : 'decade').repeat(10) + 'abcd',
  createdAt: `2026-0${generation}-01T00:00:00.000Z`,
  notAfter: `2036-0${generation}-01T00:00:00.000Z`,
  issues,
  shows,
});

const order: readonly RotationPhase[] = ['prepare', 'agents', 'servers'];

function statusOf(world: FakeWorld): AuthorityStatus {
  const phase = world.authorityPhase;
  if (phase === null) return { trusted: [info(1, true, true)], rotation: null };
  const at = order.indexOf(phase);
  const behind = world.nodes
    .filter(({ node }) => node.registration === 'registered' && node.health.state === 'bad')
    .map(({ node }) => ({
      kind: 'node' as const,
      name: node.name,
      lacks: at === 1 ? 'a certificate of the new authority' : 'trust in the new authority',
      connected: node.connected,
    }));
  const nodes = world.nodes.filter(({ node }) => node.registration === 'registered').length;
  return {
    trusted: [info(1, at < 1, at < 2), info(2, at >= 1, at >= 2)],
    rotation: {
      phase,
      from: 1,
      to: 2,
      startedAt: '2026-11-21T09:00:00.000Z',
      startedBy: 'Ada Admin',
      phaseSince: '2026-11-21T09:05:00.000Z',
      nodes,
      caughtUp: nodes - behind.length,
      behind,
    },
  };
}

function step(world: FakeWorld, { body }: Call): AuthorityStatus {
  const asked = body as { step: RotationStep; leaveBehind: string[] };
  const { rotation } = statusOf(world);
  const left = rotation?.behind.filter(({ name }) => !asked.leaveBehind.includes(name)) ?? [];
  if ((asked.step === 'next' || asked.step === 'finish') && left.length > 0)
    throw problem('authority-step', `${left.length} nodes are not caught up: ${left.map(({ name }) => name).join(', ')}.`);
  if (asked.step === 'begin') world.authorityPhase = 'prepare';
  else if (asked.step === 'next') world.authorityPhase = order[order.indexOf(world.authorityPhase ?? 'prepare') + 1] ?? null;
  else world.authorityPhase = asked.step === 'rollback' ? 'rollback' : null;
  return statusOf(world);
}

/** The authority and its replacement. */
export const trustHandlers: FakeHandlers = { getAuthority: statusOf, stepAuthority: step };
