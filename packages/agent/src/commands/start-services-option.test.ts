import { describe, expect, it } from 'vitest';
import { splitStartServices, unitsToStart } from './start-services-option.ts';

describe('--start-services', () => {
  it.each([
    [['--force'], ['--force'], undefined],
    [['--token-file', '-', '--start-services'], ['--token-file', '-'], []],
    [
      ['--start-services', 'a.service', 'b.timer', '--token-file', '-'],
      ['--token-file', '-'],
      ['a.service', 'b.timer'],
    ],
    [['--start-services', '--force'], ['--force'], []],
  ])('is taken out of %j', (args, rest, units) => expect(splitStartServices(args)).toEqual({ rest, units }));

  it.each(['ssh', 'a b.service', '$(id).service', 'slurm*.service', 'getty@.service', ''])('refuses %j as a unit', (unit) =>
    expect(() => splitStartServices(['--start-services', unit])).toThrow(/^--start-services: /u),
  );

  it('means the agent and what the configuration says, where no unit is named', () => {
    const config = { watch: [], logLevel: 'info', startAfterEnrolment: ['nginx.service', 'muster-agent.service'] } as const;
    expect(unitsToStart(undefined, config)).toEqual([]);
    expect(unitsToStart([], config)).toEqual(['muster-agent.service', 'nginx.service']);
    expect(unitsToStart([], { watch: [], logLevel: 'info' })).toEqual(['muster-agent.service']);
    expect(unitsToStart(['a.service', 'a.service'], config)).toEqual(['a.service']);
  });
});
