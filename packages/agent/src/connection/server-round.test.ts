import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { type Attempt, type AttemptEvents, ServerRound } from './server-round.ts';
import type { EndCause, SessionEnd } from './session-end.ts';

type Tried = Attempt &
  AttemptEvents & { readonly server: string; readonly atMs: number; isSecured: boolean; closedFor: string | undefined };

function begin(servers: readonly string[]) {
  const clock = new FakeClock();
  const tried: Tried[] = [];
  const outcomes: string[] = [];
  const poor: string[] = [];
  const open = (server: string, events: AttemptEvents): Tried => {
    const attempt: Tried = {
      ...events,
      server,
      atMs: clock.nowMs,
      isSecured: false,
      closedFor: undefined,
      close: (reason) => {
        attempt.closedFor = reason;
        events.onEnd(end('closed'));
      },
    };
    tried.push(attempt);
    return attempt;
  };
  const round = new ServerRound<Tried>({
    clock,
    servers,
    open,
    onPoor: (server) => poor.push(server),
    onWon: ({ server }) => outcomes.push(`won ${server}`),
    onFailed: ({ cause }, server) => outcomes.push(`${cause} ${server}`),
  });
  round.start();
  const times = (): (string | number)[][] => tried.map(({ server, atMs }) => [server, atMs]);
  return { clock, tried, outcomes, poor, round, times };
}

const end = (cause: EndCause): SessionEnd => ({ cause, detail: cause, lastedMs: undefined });

describe('a round of servers', () => {
  it('ends with the first when that welcomes this node', async () => {
    const { clock, tried, outcomes } = begin(['a', 'b']);
    tried[0]!.onWelcome();
    await clock.pass(60_000);
    expect([outcomes, tried.length, clock.pendingTimers]).toEqual([['won a'], 1, 0]);
    expect(tried[0]!.closedFor).toBeUndefined();
  });

  it('goes on at once where one fails', async () => {
    const { clock, tried, outcomes, poor, times } = begin(['a', 'b', 'c']);
    await clock.pass(10);
    tried[0]!.onEnd(end('unreachable'));
    tried[1]!.onEnd(end('rejected'));
    tried[2]!.onWelcome();
    expect([times(), outcomes]).toEqual([
      [
        ['a', 0],
        ['b', 10],
        ['c', 10],
      ],
      ['won c'],
    ]);
    expect(poor).toEqual(['a', 'b']);
  });

  it('tries the next beside one that keeps silent, and takes whichever is first', async () => {
    const { clock, tried, outcomes, poor, times } = begin(['a', 'b', 'c']);
    await clock.pass(999);
    expect(tried).toHaveLength(1);
    await clock.pass(1001);
    expect(times()).toEqual([
      ['a', 0],
      ['b', 1000],
      ['c', 2000],
    ]);
    // Who was passed over is told, so that it is asked last the next time, also when it loses to another.
    expect(poor).toEqual(['a', 'b']);
    tried[0]!.onWelcome();
    expect(outcomes).toEqual(['won a']);
    expect(tried.map((one) => one.closedFor)).toEqual([undefined, 'another server was faster', 'another server was faster']);
    tried[1]!.onWelcome();
    expect(outcomes).toEqual(['won a']);
  });

  it('leaves one that has TLS more time', async () => {
    const { clock, tried, times } = begin(['a', 'b']);
    await clock.pass(500);
    tried[0]!.isSecured = true;
    await clock.pass(2499);
    expect(tried).toHaveLength(1);
    await clock.pass(1);
    expect(times()).toEqual([
      ['a', 0],
      ['b', 3000],
    ]);
  });

  it('has failed when all have, and says the failure that tells most', async () => {
    const { clock, tried, outcomes } = begin(['a', 'b', 'c']);
    tried[0]!.onEnd(end('unreachable'));
    tried[1]!.onEnd(end('rejected'));
    tried[2]!.onEnd(end('unreachable'));
    await clock.pass(60_000);
    expect([outcomes, clock.pendingTimers]).toEqual([['rejected b'], 0]);
  });

  it('waits for one that still may answer', async () => {
    const { clock, tried, outcomes } = begin(['a', 'b']);
    await clock.pass(1000);
    tried[1]!.onEnd(end('unreachable'));
    await clock.pass(5000);
    expect(outcomes).toEqual([]);
    tried[0]!.onEnd(end('unreachable'));
    expect(outcomes).toEqual(['unreachable b']);
  });

  it.each<EndCause>(['refused', 'protocol', 'replaced'])('is over where one says %s: the others would say the same', async (cause) => {
    const { clock, tried, outcomes } = begin(['a', 'b', 'c']);
    await clock.pass(1000);
    tried[0]!.onEnd(end(cause));
    expect(outcomes).toEqual([`${cause} a`]);
    expect(tried.map((one) => one.closedFor)).toEqual([undefined, 'no server welcomes this node']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('can be given up, and says nothing then', async () => {
    const { clock, tried, outcomes, round } = begin(['a', 'b']);
    round.cancel('agent stops');
    tried[0]!.onWelcome();
    await clock.pass(60_000);
    expect([outcomes, tried.map((one) => one.closedFor), clock.pendingTimers]).toEqual([[], ['agent stops'], 0]);
  });

  it('of one server is what it was when there was only one', async () => {
    const { clock, tried, outcomes } = begin(['a']);
    await clock.pass(19_000);
    expect(outcomes).toEqual([]);
    tried[0]!.onEnd(end('unreachable'));
    expect([outcomes, tried.length]).toEqual([['unreachable a'], 1]);
  });
});
