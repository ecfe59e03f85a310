import { randomUUID } from 'node:crypto';
import type { ConsoleNotice, Event, Node, OpenConsole as OpenOne } from '@muster/api';
import type { ConsoleHold } from '@muster/store';
import { describe, expect, it, vi } from 'vitest';
import { FakeConsole } from '../../test/fake-console.ts';
import { keptLog } from '../../test/kept-log.ts';
import { ConsoleElsewhere, ConsoleHub, type Visit } from './console-hub.ts';
import type { Watcher } from './open-console.ts';

const node = { id: randomUUID(), name: 'web1' } as Node;
const visit = (changes: Partial<Visit> = {}): Visit => ({
  node,
  size: { columns: 80, rows: 24 },
  takes: false,
  endOther: false,
  ...changes,
});
const times = { lingerMs: 30, renewMs: 10, holdSeconds: 20 };

/** Holds as the database keeps them, in memory: a fake. */
function fakeHolds() {
  const holds = { held: new Set<string>(), heldBy: undefined as OpenOne | undefined, isLost: false };
  const table = {
    take: vi.fn(async (nodeId: string) => {
      if (holds.heldBy !== undefined) return { heldBy: holds.heldBy };
      holds.held.add(nodeId);
      return { hold: { nodeId, run: 'run', token: 1 } };
    }),
    renew: async () => !holds.isLost,
    release: async ({ nodeId }: ConsoleHold) => void holds.held.delete(nodeId),
  };
  return { holds, table };
}

function open() {
  const fake = new FakeConsole();
  const { holds, table } = fakeHolds();
  const { log } = keptLog();
  const hub = new ConsoleHub({
    store: { consoles: table },
    backends: { ipmi: fake, redfish: fake, ssh: fake },
    choose: async () => ({ kind: 'ipmi' }),
    holder: { serverId: 'one', run: 'run' },
    log,
    times,
  });
  return { hub, fake, holds };
}

function watcher(id: string, readOnly = false) {
  const notices: ConsoleNotice[] = [];
  const seen = { shown: '', ended: undefined as string | undefined, notices };
  const one: Watcher = {
    id,
    name: id,
    readOnly,
    notice: (notice) => void notices.push(notice),
    output: (bytes) => {
      seen.shown += Buffer.from(bytes).toString('latin1');
    },
    end: (message) => {
      seen.ended = message;
    },
  };
  return { one, seen };
}

describe('a console', () => {
  it('is opened once however many come at the same time, and given back soon after the last has gone', async () => {
    const { hub, fake, holds } = open();
    const [ada, bob] = [watcher('ada'), watcher('bob')];
    const [first, second] = await Promise.all([hub.visit(visit(), ada.one), hub.visit(visit(), bob.one)]);
    expect([first === second, fake.opened, fake.lines.length, holds.held.size]).toEqual([true, 1, 1, 1]);
    first.leave('ada');
    first.leave('bob');
    await first.over;
    expect([fake.lines.length, holds.held.size]).toEqual([0, 0]);
  });

  it('stays open for one who comes back at once, and begins anew for one who comes late', async () => {
    const { hub, fake } = open();
    const first = await hub.visit(visit(), watcher('ada').one);
    first.leave('ada');
    const bob = watcher('bob');
    expect(await hub.visit(visit(), bob.one)).toBe(first);
    first.leave('bob');
    await first.over;
    await hub.visit(visit(), watcher('eve').one);
    expect(fake.opened).toBe(2);
    await hub.stop();
    expect(fake.lines).toEqual([]);
  });

  it('takes its size from whoever writes', async () => {
    const { hub, fake } = open();
    const console = await hub.visit(visit(), watcher('ada').one);
    await hub.visit(visit(), watcher('bob').one);
    console.resize('bob', { columns: 1, rows: 1 });
    console.resize('ada', { columns: 132, rows: 50 });
    expect(fake.sizes).toEqual([{ columns: 132, rows: 50 }]);
    console.write('bob', Buffer.from('not sent'));
    expect(fake.received).toBe('');
    await hub.stop();
  });

  it('tells everybody who waits why it did not open, holds nothing then, and can be tried again', async () => {
    const { hub, fake, holds } = open();
    fake.refusal = 'web1 does not answer.';
    const both = await Promise.allSettled(['ada', 'bob'].map((id) => hub.visit(visit(), watcher(id).one)));
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(holds.held.size).toBe(0);
    fake.refusal = undefined;
    await hub.visit(visit(), watcher('ada').one);
    expect(fake.opened).toBe(1);
    await hub.stop();
  });

  it.each<[string, (opened: ReturnType<typeof open>) => void, string]>([
    ['by itself', ({ fake }) => fake.end('The line was cut.'), 'The line was cut.'],
    ['with its node', ({ hub }) => hub.apply({ kind: 'node-removed', nodeId: node.id, nodeName: 'web1' } as Event), 'web1 was removed.'],
    ['when another server has it', ({ holds }) => (holds.isLost = true), 'Another server of the pool has taken this console.'],
    ['with its server', ({ hub }) => void hub.stop(), 'The server is going down.'],
  ])('ends %s, for everybody', async (_how, end, message) => {
    const opened = open();
    const [ada, bob] = [watcher('ada'), watcher('bob', true)];
    const console = await opened.hub.visit(visit(), ada.one);
    await opened.hub.visit(visit(), bob.one);
    end(opened);
    await console.over;
    expect([ada.seen.ended, bob.seen.ended, opened.fake.lines.length, opened.holds.held.size]).toEqual([message, message, 0, 0]);
  });

  it('that another server holds is not opened, and that one is named', async () => {
    const { hub, fake, holds } = open();
    holds.heldBy = { nodeName: 'web1', serverName: 'm2', serverUrl: 'https://m2:7420' } as OpenOne;
    const visited = hub.visit(visit(), watcher('ada').one);
    await expect(visited).rejects.toThrow(ConsoleElsewhere);
    await expect(visited).rejects.toThrow('open on the server m2 of this pool. Open it there: https://m2:7420.');
    expect(fake.opened).toBe(0);
  });

  it('is not opened by a server that goes down', async () => {
    const { hub } = open();
    await hub.stop();
    await expect(hub.visit(visit(), watcher('ada').one)).rejects.toThrow('going down');
  });
});
