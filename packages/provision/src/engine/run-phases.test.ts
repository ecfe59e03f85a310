import { SshError } from '@muster/ssh';
import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { ProvisionError } from '../provision-error.ts';
import type { HostRun, Phase, Run } from './phase.ts';
import { runPhases } from './run-phases.ts';

/** A phase that notes each of its calls and changes every host; a test replaces what it wants to see fail. */
class FakePhase implements Phase<string> {
  readonly calls: string[] = [];
  readonly name: string;

  constructor(name: string, change: Partial<Phase<string>> = {}) {
    this.name = name;
    Object.assign(this, change);
  }

  concerns: Phase['concerns'] = () => true;
  observe = async ({ host }: HostRun): Promise<string> => this.#note(`observe ${host.name}`);
  plan: Phase<string>['plan'] = (_observed, { host }) => [{ what: `change ${host.name}` }];
  act = async (_observed: string, { host }: HostRun): Promise<void> => void this.#note(`act ${host.name}`);
  verify = async ({ host }: HostRun): Promise<void> => void this.#note(`verify ${host.name}`);

  #note(call: string): string {
    this.calls.push(call);
    return call;
  }
}

const go = async (phases: readonly Phase<string>[], run: Run) => {
  const report = new KeptReport();
  const result = await runPhases(phases as readonly Phase[], run, report);
  return { report, ...result };
};

const failing = (message: string) => async () => {
  throw new ProvisionError(message);
};

describe('a run of phases', () => {
  it('acts on no more hosts at the same time than a phase allows', async () => {
    let [now, most] = [0, 0];
    const act = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
    };
    const { outcomes } = await go([new FakePhase('one', { act, atOnce: 1 })], new ClusterFixture().run());
    expect([most, outcomes.size]).toEqual([1, 3]);
    await go([new FakePhase('two', { act })], new ClusterFixture().run());
    expect(most).toBe(3);
  });

  it('acts in the order that a phase has, and looks in that of the inventory', async () => {
    const phase = new FakePhase('one', { order: (hosts) => hosts.toReversed(), atOnce: 1 });
    const { report } = await go([phase], new ClusterFixture().run({ forks: 1 }));
    expect(phase.calls.filter((call) => call.startsWith('observe'))).toEqual(['observe boss', 'observe web1', 'observe web2']);
    expect(phase.calls.filter((call) => call.startsWith('act'))).toEqual(['act web2', 'act web1', 'act boss']);
    expect(report.lines.slice(1, 4)).toEqual(['one web2 changed', 'one web1 changed', 'one boss changed']);
  });

  it('looks at a host, acts and looks again, in the order of phases and hosts', async () => {
    const phase = new FakePhase('one');
    const { report, outcomes, failures, notDone } = await go([phase], new ClusterFixture().run({ forks: 1 }));
    expect(phase.calls).toEqual([
      ...['observe boss', 'observe web1', 'observe web2'],
      ...['act boss', 'verify boss', 'act web1', 'verify web1', 'act web2', 'verify web2'],
    ]);
    expect(report.lines).toEqual(['one starts on 3', 'one boss changed', 'one web1 changed', 'one web2 changed', 'one ends on 3']);
    expect(outcomes.get('web1')).toMatchObject([{ host: 'web1', status: 'changed', changes: [{ what: 'change web1' }] }]);
    expect([failures.size, notDone]).toEqual([0, []]);
  });

  it('does not act where nothing differs', async () => {
    const phase = new FakePhase('one', { plan: (_observed, { host }) => (host.name === 'web1' ? [{ what: 'mend' }] : []) });
    const { report } = await go([phase], new ClusterFixture().run());
    expect(phase.calls.filter((call) => call.startsWith('act'))).toEqual(['act web1']);
    expect(report.outcomes.map(({ host, status }) => [host, status])).toEqual([
      ['boss', 'unchanged'],
      ['web2', 'unchanged'],
      ['web1', 'changed'],
    ]);
  });

  it('leaves out hosts that a phase does not concern, and phases that concern no host', async () => {
    const drivers = new FakePhase('drivers', { concerns: (host) => host.roles.includes('driver') });
    const nobody = new FakePhase('nobody', { concerns: () => false });
    const { report } = await go([drivers, nobody], new ClusterFixture().run());
    expect(report.lines).toEqual(['drivers starts on 1', 'drivers boss changed', 'drivers ends on 1']);
  });

  it('never acts in a dry run, nor prepares to', async () => {
    const prepared: string[] = [];
    const phase = new FakePhase('one', {
      before: async () => void prepared.push('before'),
      beforeAct: async () => void prepared.push('beforeAct'),
    });
    const { report, outcomes } = await go([phase], new ClusterFixture().run({ dryRun: true }));
    expect(phase.calls).toEqual(['observe boss', 'observe web1', 'observe web2']);
    expect(prepared).toEqual(['before']);
    expect(report.outcomes.map((outcome) => outcome.status)).toEqual(['would-change', 'would-change', 'would-change']);
    expect(outcomes.get('boss')?.[0]?.changes).toEqual([{ what: 'change boss' }]);
  });

  it('hands what was observed on to plan and act, of each host its own', async () => {
    const seen: string[] = [];
    const phase = new FakePhase('one', {
      observe: async ({ host }) => `seen ${host.name}`,
      plan: (observed) => [{ what: observed }],
      act: async (observed, { host }) => void seen.push(`${host.name}: ${observed}`),
    });
    await go([phase], new ClusterFixture().run());
    expect(seen.toSorted()).toEqual(['boss: seen boss', 'web1: seen web1', 'web2: seen web2']);
  });
});

describe('a host that fails', () => {
  const steps = ['observe', 'plan', 'act', 'verify'] as const;

  it.each(steps)('in %s leaves the run, and the others go on', async (step) => {
    const first = new FakePhase('first');
    const original = first[step] as (...args: unknown[]) => unknown;
    const fail = (...args: unknown[]) => {
      const host = args.find((arg) => typeof arg === 'object' && arg !== null && 'host' in arg) as HostRun;
      if (host.host.name === 'web1') throw new ProvisionError('out of order', { command: 'mend it' });
      return original(...args);
    };
    Object.assign(first, { [step]: step === 'plan' ? fail : async (...args: unknown[]) => fail(...args) });
    const second = new FakePhase('second');
    const { failures, outcomes, report } = await go([first, second], new ClusterFixture().run());
    expect([...failures]).toEqual([
      ['web1', { host: 'web1', phase: 'first', kind: 'failed', command: 'mend it', message: 'out of order' }],
    ]);
    expect(second.calls.filter((call) => call.includes('web1'))).toEqual([]);
    expect(report.lines).toContain('second starts on 2');
    expect(outcomes.get('web1')).toMatchObject([{ status: 'failed' }]);
    expect(outcomes.get('web2')).toMatchObject([{ status: 'changed' }, { status: 'changed' }]);
  });

  it('is marked, so that later phases can ask', async () => {
    const run = new ClusterFixture().run();
    await go([new FakePhase('one', { observe: failing('out of order') })], run);
    expect(run.hosts.map((host) => host.failed)).toEqual([true, true, true]);
  });

  it('with an SSH error is told by its kind and command', async () => {
    const fixture = new ClusterFixture();
    const error = new SshError({
      kind: 'timeout',
      host: fixture.host('web1').host,
      what: 'it took too long',
      advice: 'Look.',
      command: 'tar',
    });
    const phase = new FakePhase('one', {
      act: async (_observed, { host }) => {
        if (host.name === 'web1') throw error;
      },
    });
    const { failures } = await go([phase], fixture.run());
    expect(failures.get('web1')).toMatchObject({
      kind: 'timeout',
      command: 'tar',
      message: expect.stringContaining('web1 (10.0.0.11:22)'),
    });
  });
});

describe('what is done once for all hosts', () => {
  it('is told which hosts are still in the run', async () => {
    const seen: string[][] = [];
    const broken = new FakePhase('first', {
      observe: async ({ host }) => {
        if (host.name === 'web1') throw new Error('gone');
        return '';
      },
    });
    const names = (hosts: readonly HostRun[]) => hosts.map(({ host }) => host.name);
    const phase = new FakePhase('second', {
      before: async (hosts) => void seen.push(names(hosts)),
      beforeAct: async (hosts) => void seen.push(names(hosts)),
    });
    await go([broken, phase], new ClusterFixture().run());
    expect(seen).toEqual([
      ['boss', 'web2'],
      ['boss', 'web2'],
    ]);
  });

  it('fails for all of them when it fails before the look, and nothing is looked at', async () => {
    const phase = new FakePhase('one', { before: failing('no server') });
    const { failures, report } = await go([phase], new ClusterFixture().run());
    expect([...failures.values()].map((failure) => failure.message)).toEqual(['no server', 'no server', 'no server']);
    expect(phase.calls).toEqual([]);
    expect(report.lines.at(-1)).toBe('one ends on 3');
  });

  it('fails for those that were to be changed when it fails before acting', async () => {
    const phase = new FakePhase('one', {
      plan: (_observed, { host }) => (host.name === 'boss' ? [] : [{ what: 'change' }]),
      beforeAct: failing('no token'),
    });
    const { failures, outcomes } = await go([phase], new ClusterFixture().run());
    expect([...failures.keys()]).toEqual(['web1', 'web2']);
    expect(outcomes.get('boss')).toMatchObject([{ status: 'unchanged' }]);
    expect(phase.calls.filter((call) => call.startsWith('act'))).toEqual([]);
  });
});

describe('an interruption', () => {
  it('before the run does nothing', async () => {
    const fixture = new ClusterFixture();
    fixture.interrupt();
    const phase = new FakePhase('one');
    const { notDone, report } = await go([phase], fixture.run());
    expect([phase.calls, report.lines, notDone]).toEqual([[], [], ['boss', 'web1', 'web2']]);
  });

  it('while looking leaves the other hosts undone, which is no failure', async () => {
    const fixture = new ClusterFixture();
    const phase = new FakePhase('one', {
      observe: async () => {
        fixture.interrupt();
        return '';
      },
    });
    const { notDone, failures, report } = await go([phase, new FakePhase('two')], fixture.run({ forks: 1 }));
    expect([notDone, failures.size]).toEqual([['boss', 'web1', 'web2'], 0]);
    expect(report.lines).toEqual(['one starts on 3', 'one ends on 0']);
    expect(phase.calls).toEqual([]);
  });

  it('between looking and acting acts on no host, and does not prepare to', async () => {
    const fixture = new ClusterFixture();
    let isPrepared = false;
    const phase = new FakePhase('one', {
      plan: () => {
        fixture.interrupt();
        return [{ what: 'change' }];
      },
      beforeAct: async () => {
        isPrepared = true;
      },
    });
    await go([phase], fixture.run());
    expect([isPrepared, phase.calls.filter((call) => call.startsWith('act'))]).toEqual([false, []]);
  });

  it('while acting lets the host under way finish, and starts no other', async () => {
    const fixture = new ClusterFixture();
    const phase = new FakePhase('one');
    const { act } = phase;
    phase.act = async (observed, host) => {
      fixture.interrupt();
      await act(observed, host);
    };
    const { outcomes, notDone } = await go([phase, new FakePhase('two')], fixture.run({ forks: 1 }));
    expect(phase.calls.filter((call) => !call.startsWith('observe'))).toEqual(['act boss', 'verify boss']);
    expect(outcomes.get('boss')).toMatchObject([{ status: 'changed' }]);
    expect(notDone).toEqual(['boss', 'web1', 'web2']);
  });
});
