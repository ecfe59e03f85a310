import { describe, expect, it } from 'vitest';
import { KeptReport } from '../../test/cluster-fixture.ts';
import { finishedCluster } from '../../test/installed-host.ts';
import { FakeHost } from '../../test/fake-host.ts';
import { apply } from '../index.ts';

/** A cluster in which a machine was made anew: of the old one there is nothing but its name and address. */
async function withNewMachine() {
  const fixture = await finishedCluster();
  const { muster } = fixture;
  const anew = new FakeHost('web1', '10.0.0.11');
  anew.muster = muster;
  (fixture.hosts as Map<string, FakeHost>).set('web1', anew);
  return { fixture, muster, anew };
}

describe('a machine that was made anew', () => {
  it('is refused until somebody says yes, and nothing of it is changed; the others are done', async () => {
    const { fixture, muster, anew } = await withNewMachine();
    const { failures, outcomes } = await apply(fixture.options(), new KeptReport());
    expect([...failures]).toEqual([
      ['web1', expect.objectContaining({ phase: 'agent', message: expect.stringContaining('say: muster node reissue web1') })],
    ]);
    expect([muster.reissued, anew.isEnrolled, anew.steps.filter((step) => step.startsWith('install'))]).toEqual([[], false, []]);
    expect(outcomes.get('web2')).not.toBe('failed');
  });

  it('is told of in a dry run too', async () => {
    const { fixture } = await withNewMachine();
    expect((await apply(fixture.options({ dryRun: true }), new KeptReport())).failures.has('web1')).toBe(true);
  });

  it('comes back after a reissue on the server', async () => {
    const { fixture, muster, anew } = await withNewMachine();
    muster.put('web1', { registration: 'pending', certificateSerial: null });
    expect((await apply(fixture.options(), new KeptReport())).failures.size).toBe(0);
    expect([anew.isEnrolled, muster.reissued]).toEqual([true, []]);
  });

  it('comes back when the run itself is told so, and the next run changes nothing', async () => {
    const { fixture, muster, anew } = await withNewMachine();
    expect((await apply(fixture.options({ reissue: new Set(['web1']) }), new KeptReport())).failures.size).toBe(0);
    expect([anew.isEnrolled, anew.mark, muster.reissued]).toEqual([true, muster.nodes.get('web1')?.id, ['web1']]);
    anew.forget();
    await apply(fixture.options(), new KeptReport());
    expect(anew.steps).toEqual([]);
  });
});

describe('a machine that is the same', () => {
  it('is repaired when it lost program and state', async () => {
    const fixture = await finishedCluster();
    const web1 = fixture.host('web1');
    web1.isEnrolled = false;
    web1.releases.delete('muster-agent');
    web1.files.delete('/etc/muster/agent.json');
    expect((await apply(fixture.options(), new KeptReport())).failures.size).toBe(0);
    expect([web1.isEnrolled, fixture.muster.reissued]).toEqual([true, ['web1']]);
  });

  it('is repaired when the answer to its enrolment got lost', async () => {
    const { fixture, muster, anew } = await withNewMachine();
    // The server gave it a certificate; the host knows only that it was being enrolled.
    anew.mark = muster.nodes.get('web1')?.id ?? '';
    expect((await apply(fixture.options(), new KeptReport())).failures.size).toBe(0);
    expect([anew.isEnrolled, muster.reissued]).toEqual([true, ['web1']]);
  });

  it('gets a mark when it was enrolled before there were any, once', async () => {
    const fixture = await finishedCluster();
    const web1 = fixture.host('web1');
    web1.mark = '';
    await apply(fixture.options(), new KeptReport());
    expect([web1.mark, web1.steps]).toEqual([fixture.muster.nodes.get('web1')?.id, ['mark the host']]);
  });
});
