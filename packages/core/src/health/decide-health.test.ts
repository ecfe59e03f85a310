import type { HealthReason, HealthState, ServicesReport } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideHealth, type HealthInput, sameVerdict } from './decide-health.ts';

const running: ServicesReport = {
  available: true,
  services: [{ unit: 'ssh.service', state: 'running', detail: 'running', since: null }],
};

/** A registered node, heard a second ago, with everything in order. */
const fine: HealthInput = {
  registered: true,
  sinceHeardMs: 1000,
  timeoutMs: 15_000,
  graceLeftMs: 0,
  services: running,
  stoppedServices: [],
  certificateLifeLeft: 0.9,
  previous: 'good',
};

const withService = (state: 'running' | 'starting' | 'stopping' | 'stopped' | 'failed' | 'missing', detail: string): ServicesReport => ({
  available: true,
  services: [{ unit: 'ssh.service', state, detail, since: null }],
});

type Row = { name: string; change: Partial<HealthInput>; state: HealthState; codes: HealthReason['code'][]; text?: string };

const rows: Row[] = [
  { name: 'everything runs', change: {}, state: 'good', codes: [] },
  { name: 'nothing is watched', change: { services: { available: true, services: [] } }, state: 'good', codes: [] },
  { name: 'no report came yet', change: { services: null }, state: 'good', codes: [] },
  { name: 'no certificate is in use yet', change: { certificateLifeLeft: null }, state: 'good', codes: [] },
  { name: 'heard at the last moment', change: { sinceHeardMs: 15_000 }, state: 'good', codes: [] },
  { name: 'the certificate is at the edge', change: { certificateLifeLeft: 0.2 }, state: 'good', codes: [] },
  {
    name: 'there is no systemd',
    change: { services: { available: false, reason: 'no systemd here' } },
    state: 'good',
    codes: ['services-unavailable'],
    text: 'Services are not watched: no systemd here.',
  },
  {
    name: 'a service failed',
    change: { services: withService('failed', 'exit-code') },
    state: 'degraded',
    codes: ['service-not-running'],
    text: 'ssh.service is failed (exit-code).',
  },
  {
    name: 'a service stands still and says nothing more',
    change: { services: withService('stopped', '') },
    state: 'degraded',
    codes: ['service-not-running'],
    text: 'ssh.service is stopped.',
  },
  {
    name: 'a service was stopped on purpose',
    change: { services: withService('stopped', 'dead'), stoppedServices: [{ unit: 'ssh.service', by: 'alice' }] },
    state: 'good',
    codes: ['service-stopped-on-purpose'],
    text: 'ssh.service was stopped on purpose by alice.',
  },
  {
    name: 'a service that was stopped on purpose did not end in order',
    change: { services: withService('failed', 'timeout'), stoppedServices: [{ unit: 'ssh.service', by: 'alice' }] },
    state: 'good',
    codes: ['service-stopped-on-purpose'],
  },
  {
    name: 'a service that was stopped on purpose runs all the same',
    change: { stoppedServices: [{ unit: 'ssh.service', by: 'alice' }] },
    state: 'good',
    codes: [],
  },
  {
    name: 'a service that was stopped on purpose starts over and over',
    change: { services: withService('starting', 'auto-restart'), stoppedServices: [{ unit: 'ssh.service', by: 'alice' }] },
    state: 'degraded',
    codes: ['service-not-running'],
  },
  {
    name: 'another service was stopped on purpose',
    change: { services: withService('stopped', 'dead'), stoppedServices: [{ unit: 'cron.service', by: 'alice' }] },
    state: 'degraded',
    codes: ['service-not-running'],
  },
  {
    name: 'a service is starting',
    change: { services: withService('starting', 'auto-restart') },
    state: 'degraded',
    codes: ['service-not-running'],
    text: 'ssh.service is starting (auto-restart).',
  },
  {
    name: 'a watched service is not installed',
    change: { services: withService('missing', '') },
    state: 'degraded',
    codes: ['service-not-running'],
    text: 'ssh.service is watched but not installed.',
  },
  {
    name: 'the certificate nears its end',
    change: { certificateLifeLeft: 0.1 },
    state: 'degraded',
    codes: ['certificate-near-end'],
    text: "Only 10 % of the certificate's life is left.",
  },
  {
    name: 'the certificate has ended',
    change: { certificateLifeLeft: -1 },
    state: 'degraded',
    codes: ['certificate-near-end'],
    text: 'The certificate has expired.',
  },
  {
    name: 'a service failed and the certificate nears its end',
    change: { services: withService('failed', ''), certificateLifeLeft: 0.1 },
    state: 'degraded',
    codes: ['service-not-running', 'certificate-near-end'],
  },
  {
    name: 'there is no systemd and the certificate nears its end',
    change: { services: { available: false, reason: 'none' }, certificateLifeLeft: 0.1 },
    state: 'degraded',
    codes: ['certificate-near-end'],
  },
  {
    name: 'silent for too long',
    change: { sinceHeardMs: 15_001 },
    state: 'bad',
    codes: ['not-heard'],
    text: 'Not heard within 15 s. The machine, its network or its agent is down.',
  },
  {
    name: 'silent, whatever the services were',
    change: { sinceHeardMs: 60_000, services: withService('failed', '') },
    state: 'bad',
    codes: ['not-heard'],
  },
  { name: 'enrolled and never heard', change: { sinceHeardMs: null, previous: 'unknown' }, state: 'unknown', codes: ['never-heard'] },
  { name: 'not enrolled', change: { registered: false }, state: 'unknown', codes: ['not-registered'] },
  {
    name: 'not enrolled, even after a restart',
    change: { registered: false, graceLeftMs: 1 },
    state: 'unknown',
    codes: ['not-registered'],
  },
];

describe('the health of a node', () => {
  it.each(rows)('is $state when: $name', ({ change, state, codes, text }) => {
    const verdict = decideHealth({ ...fine, ...change });
    expect(verdict.state).toBe(state);
    expect(verdict.reasons.map((reason) => reason.code)).toEqual(codes);
    expect(verdict.reasons.map((reason) => reason.message)).toEqual(text === undefined ? expect.anything() : [text]);
  });

  it('names each service that does not run, in the order of the report', () => {
    const units = ['a.service', 'b.service', 'c.service'];
    const services = units.map((unit, i) => ({
      unit,
      state: i === 1 ? ('running' as const) : ('failed' as const),
      detail: '',
      since: null,
    }));
    const { reasons } = decideHealth({ ...fine, services: { available: true, services } });
    expect(reasons.map((reason) => reason.unit)).toEqual(['a.service', 'c.service']);
  });

  it.each(['good', 'degraded', 'bad'] as const)('stays %s while the restarted server waits for the agent', (previous) => {
    const verdict = decideHealth({ ...fine, previous, graceLeftMs: 1, sinceHeardMs: 60_000 });
    expect(verdict).toMatchObject({ state: previous, reasons: [{ code: 'waiting-after-restart' }] });
    expect(decideHealth({ ...fine, previous, graceLeftMs: 0, sinceHeardMs: 60_000 }).state).toBe('bad');
  });

  it('does not turn bad in that time when it had no verdict yet', () => {
    const heardBefore = decideHealth({ ...fine, previous: 'unknown', graceLeftMs: 1, sinceHeardMs: 60_000 });
    expect(heardBefore).toMatchObject({ state: 'unknown', reasons: [{ code: 'waiting-after-restart' }] });
    const neverHeard = decideHealth({ ...fine, previous: 'unknown', graceLeftMs: 1, sinceHeardMs: null });
    expect(neverHeard).toMatchObject({ state: 'unknown', reasons: [{ code: 'never-heard' }] });
  });

  it('is decided anew at once when the agent is back', () => {
    expect(decideHealth({ ...fine, previous: 'bad', graceLeftMs: 50_000 })).toEqual({ state: 'good', reasons: [] });
  });
});

const serviceReports = fc.oneof(
  fc.constant(null),
  fc.record({ available: fc.constant(false as const), reason: fc.string() }),
  fc.record({
    available: fc.constant(true as const),
    services: fc.array(
      fc.record({
        unit: fc.string({ minLength: 1 }),
        state: fc.constantFrom('running', 'starting', 'stopping', 'stopped', 'failed', 'missing'),
        detail: fc.string(),
        since: fc.constant(null),
      }),
      { maxLength: 4 },
    ),
  }),
) as fc.Arbitrary<ServicesReport | null>;

const inputs: fc.Arbitrary<HealthInput> = fc.record({
  registered: fc.boolean(),
  sinceHeardMs: fc.option(fc.nat(60_000)),
  timeoutMs: fc.constantFrom(15_000, 30_000),
  graceLeftMs: fc.constantFrom(0, 1, 75_000),
  services: serviceReports,
  stoppedServices: fc.array(fc.record({ unit: fc.string(), by: fc.string() }), { maxLength: 3 }),
  certificateLifeLeft: fc.option(fc.double({ min: -1, max: 1, noNaN: true })),
  previous: fc.constantFrom('good', 'degraded', 'bad', 'unknown'),
});

describe('whatever is known of a node', () => {
  const holds = (law: (input: HealthInput, verdict: ReturnType<typeof decideHealth>) => void) =>
    fc.assert(fc.property(inputs, (input) => law(input, decideHealth(input))));
  const isHeard = ({ sinceHeardMs, timeoutMs }: HealthInput) => sinceHeardMs !== null && sinceHeardMs <= timeoutMs;

  it('there is a reason for everything but good, and each is a sentence', () =>
    holds((_input, { state, reasons }) => {
      expect(reasons.length > 0 || state === 'good').toBe(true);
      for (const reason of reasons) expect(reason.message).toMatch(/\S[^]*[.?]?$/u);
    }));

  it('nobody turns bad while the server waits after its own start', () =>
    holds((input, { state }) => {
      const isNewlyBad = state === 'bad' && input.previous !== 'bad';
      expect(isNewlyBad && input.graceLeftMs > 0).toBe(false);
    }));

  it('a node that is heard is never bad, one that is silent is newly good or degraded never', () =>
    holds((input, { state }) => {
      const alive = state === 'good' || state === 'degraded';
      expect(isHeard(input) && state === 'bad').toBe(false);
      expect(!isHeard(input) && alive && state !== input.previous).toBe(false);
    }));

  it('a node that has not enrolled is unknown, and only then not registered', () =>
    holds((input, { state, reasons }) => {
      expect(reasons.some((reason) => reason.code === 'not-registered')).toBe(!input.registered);
      expect(input.registered || state === 'unknown').toBe(true);
    }));

  it('a service that does not run makes a heard node degraded', () =>
    holds((input, { state }) => {
      const wrong = input.services?.available === true && input.services.services.some((service) => service.state !== 'running');
      expect(wrong && input.registered && isHeard(input) && state !== 'degraded').toBe(false);
    }));

  it('maintenance is said first, and changes nothing else', () =>
    holds((input, { state, reasons }) => {
      const maintenance = { by: 'ada', reason: 'new disk', until: '2026-01-01T00:00:00.000Z' };
      const found = decideHealth({ ...input, maintenance });
      const message = 'In maintenance by ada until 2026-01-01T00:00:00.000Z: new disk';
      expect(found).toEqual({ state, reasons: [{ code: 'in-maintenance', message }, ...reasons] });
      const open = decideHealth({ ...input, maintenance: { ...maintenance, until: null } });
      expect(open.reasons[0]?.message).toBe('In maintenance by ada: new disk');
      expect(decideHealth({ ...input, maintenance: null })).toEqual({ state, reasons });
    }));

  it('deciding twice says the same', () =>
    holds((input, verdict) => {
      expect(sameVerdict(verdict, decideHealth(input))).toBe(true);
    }));
});

describe('two verdicts', () => {
  const reason: HealthReason = { code: 'service-not-running', unit: 'a.service', message: 'a.service is failed.' };
  const base = { state: 'degraded' as const, reasons: [reason] };

  it('are the same when state and every reason are', () => {
    expect(sameVerdict(base, { state: 'degraded', reasons: [{ ...reason }] })).toBe(true);
    expect(sameVerdict({ state: 'good', reasons: [] }, { state: 'good', reasons: [] })).toBe(true);
  });

  it.each([
    { what: 'state', other: { ...base, state: 'bad' as const } },
    { what: 'number of reasons', other: { ...base, reasons: [reason, reason] } },
    { what: 'missing reason', other: { ...base, reasons: [] } },
    { what: 'code', other: { ...base, reasons: [{ ...reason, code: 'not-heard' as const }] } },
    { what: 'unit', other: { ...base, reasons: [{ ...reason, unit: 'b.service' }] } },
    { what: 'message', other: { ...base, reasons: [{ ...reason, message: 'other' }] } },
  ])('differ by their $what', ({ other }) => {
    expect(sameVerdict(base, other)).toBe(false);
    expect(sameVerdict(other, base)).toBe(false);
  });
});
