import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type Connection, openConnection, type TerminalOptions } from './index.ts';

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

type End = Parameters<TerminalOptions['onEnd']>[0];

async function openTerminal(request: string, size = { columns: 91, rows: 33 }) {
  const connection: Connection = await openConnection(sshd.target(), sshd.options());
  let shown = '';
  const ended = Promise.withResolvers<End>();
  const onOutput = (bytes: Uint8Array) => {
    shown += Buffer.from(bytes).toString('utf8');
  };
  const terminal = await connection.openTerminal(request, { ...size, onOutput, onEnd: ended.resolve });
  return { connection, terminal, ended: ended.promise, shown: () => shown, type: (text: string) => terminal.write(Buffer.from(text)) };
}

describe('a terminal on a host', () => {
  it('is one, of the size that was asked for, and changes it', async () => {
    const { connection, terminal, ended, shown, type } = await openTerminal('exec /bin/sh -i');
    type('tty; stty size\n');
    await expect.poll(shown).toMatch(/\/dev\/pts\/\d+\r\n33 91\r\n/u);
    terminal.resize({ columns: 120, rows: 50 });
    type('stty size\n');
    await expect.poll(shown).toMatch(/50 120\r\n/u);
    type('exit 7\n');
    expect(await ended).toEqual({ exitCode: 7, lost: undefined });
    await connection.close();
  });

  it('is the login shell where nothing is named', async () => {
    const { connection, ended, shown, type } = await openTerminal('');
    type('echo home is $HOME; exit\n');
    await expect.poll(shown).toContain(`home is ${sshd.homeFolder}`);
    expect(await ended).toMatchObject({ lost: undefined });
    await connection.close();
  });

  it('takes what runs in it along when it is closed', async () => {
    const { connection, terminal, ended, shown, type } = await openTerminal('exec /bin/sh -i');
    type('echo pid $$; sleep 1000\n');
    await expect.poll(shown).toMatch(/pid \d+\r\n/u);
    const pid = Number(/pid (\d+)/u.exec(shown())?.[1]);
    terminal.close();
    terminal.close();
    expect(await ended).toMatchObject({ lost: undefined });
    await expect.poll(() => isAlive(pid)).toBe(false);
    terminal.write(Buffer.from('nobody hears this\n'));
    terminal.resize({ columns: 80, rows: 24 });
    await connection.close();
  });

  it('says that the connection was lost', async () => {
    const { ended, shown, type } = await openTerminal('exec /bin/sh -i');
    type('echo ready\n');
    await expect.poll(shown).toContain('ready\r\n');
    for (const pid of sshd.sessionPids()) process.kill(pid, 'SIGKILL');
    expect((await ended).lost).toMatchObject({ kind: 'connectionLost' });
  });
});

describe('a host that gives no terminal', () => {
  it('is named, with what forbids it', async () => {
    const other = await startSshd({ config: ['PermitTTY no'] });
    const connection = await openConnection(other.target(), other.options());
    const opened = connection.openTerminal('', { columns: 80, rows: 24, onOutput: () => undefined, onEnd: () => undefined });
    await expect(opened).rejects.toMatchObject({ kind: 'channelRefused' });
    await connection.close();
    await other.stop();
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
