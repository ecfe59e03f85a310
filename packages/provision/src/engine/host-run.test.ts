import { describe, expect, it } from 'vitest';
import { ClusterFixture } from '../../test/cluster-fixture.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { ProvisionError } from '../provision-error.ts';
import { connectionOf, driverOf, factsOf } from './host-run.ts';

describe('what the phases before have left on a host', () => {
  const fixture = new ClusterFixture();
  const run = fixture.run();
  const [boss] = run.hosts;

  it('is missed with an error that names the host', () => {
    expect(() => connectionOf(boss!)).toThrow('boss is not connected');
    expect(() => factsOf(boss!)).toThrow('boss was not looked at');
    expect(() => driverOf(run)).toThrow(ProvisionError);
  });

  it('is found once it is there', () => {
    boss!.connection = fixture.host('boss');
    boss!.facts = readHostFacts('', 0);
    expect(connectionOf(boss!)).toBe(fixture.host('boss'));
    expect(factsOf(boss!)).toBe(boss!.facts);
    expect(driverOf(run)).toBe(boss);
  });

  it('does not help when a phase has failed on the driver: nothing goes on without it', () => {
    boss!.failed = true;
    expect(() => driverOf(run)).toThrow("The management server's host boss has failed, and nothing goes on without it.");
  });
});
