import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heardNodes, livenessNode, livenessPicture } from '../../test/liveness-picture.ts';
import { decideLiveness, type LeftBecause, type LivenessNode, type LivenessPicture, type LivenessPlan } from './decide-liveness.ts';
import { livenessLimits, restartDelayMs } from './liveness-times.ts';

const dead = (change: Partial<LivenessNode> = {}) => livenessNode('web1', { silentMs: 41_000, ...change });
/** One node among enough others that its silence says nothing about the network. */
const planFor = (node: LivenessNode, change: Partial<LivenessPicture> = {}): LivenessPlan =>
  decideLiveness(livenessPicture([node, ...heardNodes(9)], change));
const names = (lines: readonly { readonly nodeName: string }[]): string[] => lines.map(({ nodeName }) => nodeName);

describe('an agent that missed the threshold', () => {
  it('is restarted, with the reason, the count, and when the next try may be', () => {
    const { restart, left } = planFor(dead());
    expect(restart).toEqual([
      { nodeId: 'id of web1', nodeName: 'web1', message: 'Not heard for 41 s: restart 1 of 5.', attempt: 1, nextTryInMs: 40_000 },
    ]);
    expect(left).toEqual([]);
  });

  it.each([0, 1000, 39_999, 40_000])('is not one that was heard %d ms ago', (silentMs) => {
    expect(planFor(dead({ silentMs }))).toMatchObject({ restart: [], left: [], recovered: [], giveUp: [] });
  });

  it('may be one that never was heard since it enrolled', () => {
    expect(names(planFor(dead({ everHeard: false })).restart)).toEqual(['web1']);
    expect(planFor(dead({ everHeard: false, silentMs: 10_000 }))).toMatchObject({ restart: [], left: [] });
  });

  const left: [LeftBecause, Partial<LivenessNode>, Partial<LivenessPicture>][] = [
    ['off', {}, { enabled: false }],
    ['not-registered', { registered: false }, {}],
    ['stopped', { state: 'stopped' }, {}],
    ['maintenance', { inMaintenance: true }, {}],
    ['needs-attention', { state: 'needs-attention', attempts: 5 }, {}],
    ['just-started', {}, { graceLeftMs: 1 }],
    ['fresh-clock', {}, { brake: { isOn: false, offForMs: 40_000 } }],
    ['fresh-clock', { stateAgeMs: 40_000 }, {}],
    ['no-ssh', { controllable: false }, {}],
    ['under-way', { state: 'restarting', attempts: 1, busy: true }, {}],
    ['waiting', { state: 'restarting', attempts: 1, nextTryInMs: 1 }, {}],
    ['no-slot', {}, { freeSlots: 0 }],
  ];
  it.each(left)('is left alone, and that is said: %s', (because, node, picture) => {
    const plan = planFor(dead(node), picture);
    expect(plan).toMatchObject({ restart: [], giveUp: [], recovered: [], startedByOthers: [] });
    expect(plan.left).toEqual([{ nodeId: 'id of web1', nodeName: 'web1', because, message: expect.stringMatching(/\.$/u) }]);
  });

  it('is restarted again once its time has come, and later each time', () => {
    for (let attempts = 0; attempts < livenessLimits.attempts; attempts += 1) {
      const { restart } = planFor(dead({ state: attempts === 0 ? 'normal' : 'restarting', attempts }), { chance: () => 0.5 });
      expect(restart).toMatchObject([{ attempt: attempts + 1, nextTryInMs: restartDelayMs(attempts + 1, 40_000, 0.5) }]);
    }
  });

  it('needs attention after the last restart has had its time', () => {
    const last = { state: 'restarting' as const, attempts: 5 };
    expect(planFor(dead({ ...last, nextTryInMs: 5 })).giveUp).toEqual([]);
    expect(planFor(dead(last)).giveUp).toEqual([
      { nodeId: 'id of web1', nodeName: 'web1', message: 'Not heard after 5 restarts of its agent.', from: last },
    ]);
  });
});

describe('an agent that is heard again', () => {
  it.each([
    ['restarting', 1, 'Heard again after 1 restart of its agent.'],
    ['restarting', 3, 'Heard again after 3 restarts of its agent.'],
    ['needs-attention', 5, 'Heard again: it needs no attention any more.'],
  ] as const)('after %s (%d) is as it should be', (state, attempts, message) => {
    const node = livenessNode('web1', { state, attempts });
    for (const change of [{}, { enabled: false }, { graceLeftMs: 9 }, { brake: { isOn: true, offForMs: null } }]) {
      expect(planFor(node, change).recovered).toEqual([{ nodeId: 'id of web1', nodeName: 'web1', message, from: { state, attempts } }]);
    }
  });

  it('although it was stopped was started on its host, but not while the stop is still under way', () => {
    const stopped = (stateAgeMs: number, silentMs: number) => planFor(livenessNode('web1', { state: 'stopped', stateAgeMs, silentMs }));
    expect(names(stopped(70_000, 1000).startedByOthers)).toEqual(['web1']);
    expect(names(stopped(3_600_000, 5000).startedByOthers)).toEqual(['web1']);
    expect(stopped(60_000, 1000).startedByOthers).toEqual([]);
    // Last heard when it was stopped, or before.
    expect(stopped(70_000, 70_500).startedByOthers).toEqual([]);
    expect(stopped(70_000, 40_000).startedByOthers).toEqual([]);
  });
});

describe('many agents that are missing', () => {
  const many = (count: number, change: (index: number) => Partial<LivenessNode> = () => ({})) =>
    Array.from({ length: count }, (_, index) => livenessNode(`web${index}`, { silentMs: 41_000 + index, ...change(index) }));

  it('are restarted as far as there are free slots, those with the fewest restarts first, then the longest silent', () => {
    const nodes = many(4, (index) => (index === 3 ? { state: 'restarting', attempts: 2 } : {}));
    const plan = decideLiveness(livenessPicture([...nodes, ...heardNodes(40)], { freeSlots: 2 }));
    expect(names(plan.restart)).toEqual(['web2', 'web1']);
    expect(plan.left.map(({ nodeName, because }) => [nodeName, because])).toEqual([
      ['web0', 'no-slot'],
      ['web3', 'no-slot'],
    ]);
  });

  it('are the brake when they are too many: none is restarted, and every one says why', () => {
    const plan = decideLiveness(livenessPicture([...many(3), ...heardNodes(2)]));
    expect(plan.brake).toMatchObject({ action: 'hold', unheard: 3, watched: 5 });
    expect(plan.restart).toEqual([]);
    expect(plan.left.map(({ because }) => because)).toEqual(['brake', 'brake', 'brake']);
  });

  it('are the brake already when the first of them is due, although the others were heard an interval later', () => {
    const silences = [40_001, 37_500, 35_001];
    const nodes = silences.map((silentMs, index) => livenessNode(`web${index}`, { silentMs }));
    expect(decideLiveness(livenessPicture([...nodes, ...heardNodes(2)]))).toMatchObject({ brake: { action: 'hold' }, restart: [] });
  });

  it.each([
    ['in maintenance', { inMaintenance: true }],
    ['stopped on purpose', { state: 'stopped' as const }],
    ['left to a person already', { state: 'needs-attention' as const, attempts: 5 }],
    ['not enrolled', { registered: false }],
  ])('are no reason to brake when they are %s', (_what, change) => {
    const plan = decideLiveness(livenessPicture([dead(), ...many(5, () => change), ...heardNodes(9)]));
    expect(plan.brake).toEqual({ action: 'stay-off' });
    expect(names(plan.restart)).toEqual(['web1']);
  });

  it('count for the brake also where there is no way to restart them', () => {
    const plan = decideLiveness(livenessPicture([...many(3, () => ({ controllable: false })), ...heardNodes(2)]));
    expect(plan.brake.action).toBe('hold');
  });

  it('have fresh clocks once they return: those still missing are not restarted in the same round, nor for a threshold', () => {
    const nodes = [...many(1), ...heardNodes(4)];
    const released = decideLiveness(livenessPicture(nodes, { brake: { isOn: true, offForMs: null } }));
    expect(released).toMatchObject({ brake: { action: 'release' }, restart: [], left: [{ because: 'fresh-clock' }] });
    const later = (offForMs: number) => decideLiveness(livenessPicture(nodes, { brake: { isOn: false, offForMs } }));
    expect(later(39_000)).toMatchObject({ restart: [], left: [{ because: 'fresh-clock' }] });
    expect(names(later(40_001).restart)).toEqual(['web0']);
  });

  it('are no brake while this server has just started, but one that is on stays on', () => {
    const nodes = [...many(5)];
    expect(decideLiveness(livenessPicture(nodes, { graceLeftMs: 5 })).brake).toEqual({ action: 'stay-off' });
    const on = { isOn: true, offForMs: null };
    expect(decideLiveness(livenessPicture(nodes, { graceLeftMs: 5, brake: on })).brake.action).toBe('hold');
  });

  it('are no brake while the monitor is off, and it lets go of one that is on', () => {
    const off = { enabled: false };
    expect(decideLiveness(livenessPicture(many(5), off)).brake).toEqual({ action: 'stay-off' });
    expect(decideLiveness(livenessPicture(many(5), { ...off, brake: { isOn: true, offForMs: null } })).brake.action).toBe('release');
  });
});

const anyNode: fc.Arbitrary<LivenessNode> = fc.record({
  nodeId: fc.uuid(),
  nodeName: fc.string({ minLength: 1 }),
  registered: fc.boolean(),
  inMaintenance: fc.boolean(),
  everHeard: fc.boolean(),
  silentMs: fc.nat(200_000),
  state: fc.constantFrom('normal', 'stopped', 'restarting', 'needs-attention'),
  attempts: fc.nat(8),
  stateAgeMs: fc.nat(200_000),
  nextTryInMs: fc.integer({ min: -100_000, max: 100_000 }),
  controllable: fc.boolean(),
  busy: fc.boolean(),
});

const anyPicture: fc.Arbitrary<LivenessPicture> = fc
  .record({
    nodes: fc.uniqueArray(anyNode, { selector: ({ nodeId }) => nodeId, maxLength: 30 }),
    enabled: fc.boolean(),
    graceLeftMs: fc.constantFrom(0, 0, 0, 5000),
    brake: fc.record({ isOn: fc.boolean(), offForMs: fc.option(fc.nat(100_000)) }),
    freeSlots: fc.integer({ min: -1, max: 12 }),
  })
  .map(({ nodes, ...change }) => livenessPicture(nodes, change));

describe('whatever the picture is', () => {
  it('each node stands in one line at most, and each silent one in one', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const plan = decideLiveness(picture);
        const lines = [plan.restart, plan.giveUp, plan.recovered, plan.startedByOthers, plan.left].flat();
        expect(new Set(lines.map(({ nodeId }) => nodeId)).size).toBe(lines.length);
        const told = new Set(lines.map(({ nodeId }) => nodeId));
        for (const node of picture.nodes) if (node.silentMs > picture.thresholdMs) expect(told.has(node.nodeId)).toBe(true);
        for (const line of lines) expect(line.message).toMatch(/\.$/u);
      }),
    );
  });

  it('nothing is restarted that is not registered, not silent, in maintenance, stopped, given up, or without a way', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const { restart } = decideLiveness(picture);
        for (const { nodeId } of restart) {
          expect(picture.nodes.find((node) => node.nodeId === nodeId)).toMatchObject({
            registered: true,
            inMaintenance: false,
            controllable: true,
            busy: false,
            state: expect.stringMatching(/^(?:normal|restarting)$/u),
          });
        }
        expect(restart.length).toBeLessThanOrEqual(Math.max(0, picture.freeSlots));
      }),
    );
  });

  it('nothing at all is restarted or given up under the brake, in the grace, with fresh clocks, or while it is off', () => {
    fc.assert(
      fc.property(anyPicture, (picture) => {
        const { restart, giveUp, brake } = decideLiveness(picture);
        const isFresh = picture.brake.offForMs !== null && picture.brake.offForMs <= picture.thresholdMs;
        if (!picture.enabled || picture.graceLeftMs > 0 || brake.action !== 'stay-off' || isFresh) {
          expect([restart, giveUp]).toEqual([[], []]);
        }
      }),
    );
  });
});
