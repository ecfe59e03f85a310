import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleClient, openConsole, refusedConsole } from '../test/console-client.ts';
import { type IpmiSim, startIpmiSim } from '../test/ipmi-sim.ts';
import { openServerOnStore, type StoreServer } from '../test/server-fixture.ts';

let bmc: IpmiSim;
let one: StoreServer;
beforeAll(async () => {
  one = await openServerOnStore();
  await one.local.addNode({ body: { name: 'web1', groups: ['rack1'] } });
});
afterAll(() => one.close());
// One of its own for each test: ipmi_sim takes the first packet of a session for a repetition of the last one of the session before.
beforeEach(async () => {
  bmc = await startIpmiSim();
  await one.local.setController({ params: { node: 'web1' }, body: controller() });
});

const opened: ConsoleClient[] = [];
afterEach(async () => {
  for (const client of opened.splice(0)) {
    client.socket.terminate();
    await client.closed;
  }
  await expect.poll(async () => (await one.local.listConsoles({})).items, { timeout: 30_000 }).toEqual([]);
  await bmc.stop();
});

const controller = (changes: object = {}) => ({
  kind: 'ipmi' as const,
  address: '127.0.0.1',
  port: bmc.port,
  user: bmc.user,
  password: bmc.password,
  ...changes,
});
const within = { timeout: 20_000, interval: 50 };

const open = (query: Record<string, string> = {}, node = 'web1'): ConsoleClient => {
  const client = openConsole({ socketPath: one.server.socketPath }, node, query);
  opened.push(client);
  return client;
};
const shows = (client: ConsoleClient, text: string) => expect.poll(() => client.shown, within).toContain(text);
/** A controller that does not answer is asked again for some time. */
const ended = (client: ConsoleClient, message: string) =>
  expect.poll(() => client.last('end')?.message, { timeout: 45_000, interval: 50 }).toContain(message);

describe('a serial console over IPMI', () => {
  it('is one for all who watch: one writes, another takes over, a late one is shown what was before', async () => {
    const ada = open();
    await expect.poll(() => ada.writes, within).toBe(true);
    ada.type('hello\r~.');
    await shows(ada, '<hello\r~.>');
    const bob = open();
    await shows(bob, '<hello\r~.>');
    bob.type('mine');
    await expect.poll(() => bob.last('refused')?.message, within).toMatch(/local administrator writes now/u);
    expect((await one.local.listConsoles({})).items).toMatchObject([{ nodeName: 'web1', kind: 'ipmi' }]);
    bob.take();
    await expect.poll(() => [ada.writes, bob.writes], within).toEqual([false, true]);
    bob.type('now');
    await shows(ada, '<now>');
    expect(bmc.received()).not.toContain('mine');
    bmc.say('the machine speaks');
    for (const client of [ada, bob]) await shows(client, 'the machine speaks');
  });

  it('leaves the pen free when the writer’s connection is lost, and whoever types next has it', async () => {
    const [ada, bob, eve] = [open(), open(), open({ readOnly: 'true' })];
    await expect.poll(() => eve.names.length, within).toBe(3);
    const [writer, other] = ada.writes ? [ada, bob] : [bob, ada];
    writer.socket.terminate();
    await expect.poll(() => other.last('presence')?.writer, within).toBeNull();
    eve.type('not me');
    await expect.poll(() => eve.last('refused')?.message, within).toContain('read only');
    other.type('heir');
    await shows(eve, '<heir>');
    expect(other.writes).toBe(true);
  });

  it('stands in the audit log: opened, written once, taken, closed; never what was typed', async () => {
    const ada = open();
    await expect.poll(() => ada.writes, within).toBe(true);
    for (const word of ['one', 'two']) {
      ada.type(word);
      await shows(ada, `<${word}>`);
    }
    const bob = open({ take: 'true' });
    await expect.poll(() => bob.writes, within).toBe(true);
    ada.take();
    await expect.poll(() => ada.writes, within).toBe(true);
    ada.socket.close();
    const acts = async () => {
      const { items } = await one.local.listAudit({ query: { limit: 100 } });
      return items.filter(({ target }) => target?.name === 'web1').map(({ what }) => what);
    };
    await expect
      .poll(async () => (await acts()).slice(0, 5), within)
      .toEqual(['closeConsole', 'takeConsole', 'openConsole', 'writeConsole', 'openConsole']);
    expect(JSON.stringify(await one.local.listAudit({ query: { limit: 100 } }))).not.toMatch(/<two>|sesame/u);
  });

  it('says what stands in its way', async () => {
    await one.local.addNode({ body: { name: 'web2' } });
    await ended(open({}, 'web2'), 'muster_control=full');
    const wrong = async (changes: object, message: string) => {
      await one.local.setController({ params: { node: 'web2' }, body: controller(changes) });
      const client = open({}, 'web2');
      await ended(client, message);
      await client.closed;
    };
    await wrong({ password: 'wrong' }, 'refuses the sign-in');
    await wrong({ user: 'stranger' }, 'refuses the sign-in');
    await wrong({ port: bmc.port === 9 ? 10 : 9 }, 'does not answer');
  });

  it('is not taken from a session that another holds, unless that is asked for', async () => {
    await one.local.addNode({ body: { name: 'web3' } });
    await one.local.setController({ params: { node: 'web3' }, body: controller() });
    const ada = open();
    await expect.poll(() => ada.writes, within).toBe(true);
    const bob = open({}, 'web3');
    await ended(bob, 'to another session now');
    const eve = open({ endOther: 'true' }, 'web3');
    await expect.poll(() => eve.writes, within).toBe(true);
    eve.type('mine now');
    await shows(eve, '<mine now>');
  });

  it('ends for everybody when its node is removed', async () => {
    await one.local.addNode({ body: { name: 'web4' } });
    await one.local.setController({ params: { node: 'web4' }, body: controller() });
    const [ada, bob] = [open({}, 'web4'), open({}, 'web4')];
    await expect.poll(() => ada.names.length, within).toBe(2);
    await one.local.removeNode({ params: { node: 'web4' } });
    for (const client of [ada, bob]) await ended(client, 'web4 was removed.');
  });
});

describe('muster console', () => {
  /** The command at a terminal of its own, as a person runs it. */
  function run(words: string, size = 'cols 100 rows 30') {
    const main = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts');
    const command = `stty ${size}; exec "$NODE" "$MAIN" --socket "$SOCKET" console ${words}`;
    const env = {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      SHELL: '/bin/sh',
      NODE: process.execPath,
      MAIN: main,
      SOCKET: one.server.socketPath,
    };
    const child = spawn('script', ['-qfec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const seat = { shown: '', type: (text: string) => void child.stdin.write(text), ended: once(child, 'close') };
    child.stdout.on('data', (bytes: Buffer) => {
      seat.shown += bytes.toString('latin1');
    });
    return seat;
  }

  it('is a console at a terminal: typed, taken over, left by ~.', async () => {
    const ada = open();
    await expect.poll(() => ada.writes, within).toBe(true);
    const seat = run('web1');
    await expect.poll(() => seat.shown, within).toContain('local administrator writes: take over with ~t, 1 more watches');
    seat.type('~t');
    await expect.poll(() => seat.shown, within).toContain('you write, 1 more watches');
    seat.type('uname\r');
    await expect.poll(() => seat.shown, within).toContain('<uname\r>');
    await shows(ada, '<uname\r>');
    seat.type('~.');
    expect(await seat.ended).toEqual([0, null]);
    expect(seat.shown).toContain('Left the console of web1.');
    await expect.poll(() => ada.names.length, within).toBe(1);
  });

  it('takes a terminal that does not know its size for the usual one', async () => {
    const seat = run('web1', 'cols 0 rows 0');
    await expect.poll(() => seat.shown, within).toContain('you write');
    seat.type('\r~.');
    expect(await seat.ended).toEqual([0, null]);
  });

  it('says why there is none, and that it needs a terminal', async () => {
    await one.local.addNode({ body: { name: 'web5' } });
    const seat = run('web5');
    expect(await seat.ended).toEqual([1, null]);
    expect(seat.shown).toMatch(/error: The console of web5 has ended: web5 has no console: .*muster node controller set web5/u);
    const main = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts');
    const words = [main, '--socket', one.server.socketPath, 'console', 'web1'];
    const plain = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    plain.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    expect(await once(plain, 'close')).toEqual([2, null]);
    expect(said).toContain(
      'error: A console needs a terminal, and standard input or output is none here. To run a command on web1: muster exec web1',
    );
  });
});

describe('the door to consoles', () => {
  it('is shut to strangers, to pages of other sites, for nodes that are not there, and for what is no console', async () => {
    const place = { port: one.port };
    expect(await refusedConsole(openConsole(place, 'web1'))).toMatchObject({ status: 401 });
    const headers = (await one.signIn()).headers();
    const foreign = openConsole({ ...place, headers: { ...headers, origin: 'https://evil.example.org' } }, 'web1');
    expect(await refusedConsole(foreign)).toMatchObject({ status: 403, detail: expect.stringContaining('another site') as string });
    expect(await refusedConsole(openConsole({ ...place, headers }, 'nobody'))).toMatchObject({ status: 404 });
    expect(await refusedConsole(openConsole({ ...place, headers }, 'web1', { rows: '0' }))).toMatchObject({ status: 400 });
    expect(await refusedConsole(openConsole({ ...place, headers }, 'web1/../../status'))).toMatchObject({ status: 404 });
  });

  it('tells how a console is reached, and never the password of a controller', async () => {
    expect(await one.local.getConsole({ params: { node: 'web1' } })).toMatchObject({
      nodeName: 'web1',
      kind: 'ipmi',
      reason: null,
      open: null,
    });
    const kept = await one.local.getController({ params: { node: 'web1' } });
    expect(kept).toMatchObject({ kind: 'ipmi', user: 'admin', port: bmc.port });
    expect(JSON.stringify([kept, await one.sql('select * from node_controllers')])).not.toContain(bmc.password);
    await one.local.addNode({ body: { name: 'web9' } });
    const nameless = one.local.setController({ params: { node: 'web9' }, body: { kind: 'ipmi', address: '10.0.0.1', user: 'admin' } });
    await expect(nameless).rejects.toThrow('needs a password');
    await one.local.setController({ params: { node: 'web9' }, body: controller({ port: undefined }) });
    expect(
      await one.local.setController({ params: { node: 'web9' }, body: controller({ password: undefined, user: 'other' }) }),
    ).toMatchObject({ user: 'other' });
    await one.local.removeController({ params: { node: 'web9' } });
    await expect(one.local.getController({ params: { node: 'web9' } })).rejects.toThrow('No management controller of web9');
  });
});
