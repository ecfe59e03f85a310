import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RebootTurns } from './reboot-turns.ts';

/** Works that are ended by hand, and what has begun of them in order. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((resolve, reject) => ends.set(name, { resolve, reject }));
  };
  const end = async (name: string, error?: Error) => {
    if (error === undefined) ends.get(name)?.resolve();
    else ends.get(name)?.reject(error);
    for (let i = 0; i < 3; i += 1) await tick();
  };
  return { begun, work, end };
}

describe('turns of hosts that reboot', () => {
  it('has one alone while nobody else is away, in the order in which they came', async () => {
    const turns = new RebootTurns(5);
    const { begun, work, end } = works();
    const all = [
      turns.together(work('agent1')),
      turns.alone('server1', work('server1')),
      turns.alone('server2', work('server2')),
      turns.together(work('agent2')),
    ];
    await end('nobody');
    expect(begun).toEqual(['agent1']);
    await end('agent1');
    expect(begun).toEqual(['agent1', 'server1']);
    await end('server1');
    await end('server2');
    expect(begun).toEqual(['agent1', 'server1', 'server2', 'agent2']);
    await end('agent2');
    await Promise.all(all);
    expect(turns.failed).toEqual([]);
  });

  it('has no more together than it was told', async () => {
    const turns = new RebootTurns(2);
    const { begun, work, end } = works();
    const all = ['a', 'b', 'c', 'd'].map((name) => turns.together(work(name)));
    await end('nobody');
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    await end('d');
    await Promise.all(all);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('goes on after a failure, and says whose turn alone has failed', async () => {
    const turns = new RebootTurns(0);
    const { begun, work, end } = works();
    const first = turns.alone('server1', work('server1'));
    const second = turns.alone('server2', work('server2'));
    const third = turns.together(work('agent1'));
    const failures = Promise.allSettled([first, second, third]);
    await end('nobody');
    await end('server1', new Error('it is not back'));
    expect([begun, turns.failed]).toEqual([['server1', 'server2'], ['server1']]);
    await end('server2');
    await end('agent1', new Error('nor is this one'));
    expect((await failures).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
    expect(turns.failed).toEqual(['server1']);
  });

  it('passes by one that may not begin when it is its turn, which is no failure of it', async () => {
    const turns = new RebootTurns(1);
    const { begun, work, end } = works();
    const first = turns.alone('server1', work('server1'));
    const second = turns.alone('server2', work('server2'), () => {
      if (turns.failed.length > 0) throw new Error(`${turns.failed.join()} has failed`);
    });
    const third = turns.alone('server3', work('server3'));
    const failures = Promise.allSettled([first, second, third]);
    await end('nobody');
    await end('server1', new Error('it is not back'));
    await end('server3');
    expect((await failures).map((one) => (one.status === 'rejected' ? String(one.reason) : ''))).toEqual([
      'Error: it is not back',
      'Error: server1 has failed',
      '',
    ]);
    expect([begun, turns.failed]).toEqual([['server1', 'server3'], ['server1']]);
  });
});
