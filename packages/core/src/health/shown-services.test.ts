import type { HealthState, ServicesReport } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { shownServices } from './shown-services.ts';

const report: ServicesReport = {
  available: true,
  services: [
    { unit: 'ssh.service', state: 'running', detail: 'running', since: '2026-01-01T00:00:00.000Z' },
    { unit: 'slurmd.service', state: 'failed', detail: 'exit-code', since: null },
  ],
};

describe('the services of a node as they are shown', () => {
  it.each(['good', 'degraded'] as HealthState[])('are the reported ones of a node that is %s', (state) => {
    expect(shownServices(report, state)).toEqual({ unavailableReason: null, items: report.services });
  });

  it.each(['bad', 'unknown'] as HealthState[])('are all unknown of a node that is %s, whatever it last said', (state) => {
    const shown = shownServices(report, state);
    expect(shown.items.map((item) => item.unit)).toEqual(['ssh.service', 'slurmd.service']);
    for (const item of shown.items) expect(item).toMatchObject({ state: 'unknown', detail: 'the node is not heard', since: null });
  });

  it('name who stopped one on purpose, where it does not run', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const stopped = ['ssh.service', 'slurmd.service', 'other.service'].map((unit) => ({ unit, by: 'alice', at }));
    expect(shownServices(report, 'good', stopped).items.map(({ unit, stoppedOnPurpose }) => [unit, stoppedOnPurpose])).toEqual([
      ['ssh.service', undefined],
      ['slurmd.service', { by: 'alice', at }],
    ]);
    expect(shownServices(report, 'bad', stopped).items[1]?.stoppedOnPurpose).toBeUndefined();
  });

  it('are none, with the reason, where nothing was reported or nothing can be watched', () => {
    expect(shownServices(null, 'unknown')).toEqual({ unavailableReason: 'no report yet', items: [] });
    expect(shownServices({ available: false, reason: 'no systemd' }, 'good')).toEqual({ unavailableReason: 'no systemd', items: [] });
  });
});
