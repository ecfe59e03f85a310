import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, FakeServer, problemAnswer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

let server: FakeServer | undefined;
afterEach(() => server?.stop());

const logs = async (answer: Answer, ...args: string[]) => {
  server = await FakeServer.start(() => answer);
  return runMuster('--socket', server.socketPath, 'logs', ...args);
};

const at = '2026-01-01T00:00:00.000Z';
const line = (text: string) => ({ at, text });
const page = (lines: readonly object[], dropped = 0) => ({ lines, dropped });

/** A stream that gives these blocks and ends. */
const stream =
  (...blocks: string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(blocks.join(''));
  };
const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const end = (reason: string) => `event: end\ndata: ${JSON.stringify({ reason })}\n\n`;

describe('muster logs', () => {
  it('prints the end of a journal, a service where no type is named', async () => {
    const { code, stdout } = await logs({ body: page([line('sshd[7]: one'), { at: null, text: 'two' }]) }, 'web1', 'ssh', '-n', '20');
    expect([code, stdout]).toEqual([0, `${at}  sshd[7]: one\n-  two\n`]);
    expect(server?.asked).toMatchObject([{ path: '/nodes/web1/services/ssh.service/journal' }]);
    expect(server?.asked[0]?.query.get('lines')).toBe('20');
  });

  it('takes a unit with its type as it is', async () => {
    await logs({ body: page([]) }, 'web1', 'var-lib.mount');
    expect(server?.asked[0]?.path).toBe('/nodes/web1/services/var-lib.mount/journal');
  });

  it('says how much was left out', async () => {
    const { stdout } = await logs({ body: page([line('x')], 7) }, 'web1', 'ssh');
    expect(stdout).toBe(`(7 lines left out: the journal grows faster than it can be shown)\n${at}  x\n`);
  });

  it('prints JSON, one object a line', async () => {
    const { stdout } = await logs({ body: page([line('a\nb')], 2) }, 'web1', 'ssh', '-o', 'json');
    expect(stdout).toBe(`{"dropped":2}\n${JSON.stringify(line('a\nb'))}\n`);
  });

  it('follows, and tells why it ends', async () => {
    const blocks = [
      ': here it comes\n\n',
      data(page([line('one')])),
      ': still here\n\n',
      data(page([line('two')], 3)),
      end('The connection of the agent ended.'),
    ];
    const { code, stdout, stderr } = await logs(stream(...blocks), 'web1', 'ssh', '-f');
    expect(stdout).toBe(`${at}  one\n(3 lines left out: the journal grows faster than it can be shown)\n${at}  two\n`);
    expect([code, stderr]).toEqual([1, 'error: The journal of ssh.service on web1 has ended: The connection of the agent ended.\n']);
  });

  it.each([
    ['ends without a word', stream(data(page([line('one')])))],
    ['is not understood', stream('data: {"lines": 7}\n\n')],
    ['breaks off', (response: ServerResponse) => void response.destroy()],
  ])('says that the server is gone when the stream %s', async (_what, answer) => {
    const { code, stderr } = await logs(answer, 'web1', 'ssh', '-f');
    expect([code, stderr]).toEqual([1, 'error: The server is gone: the stream of the journal ended.\n']);
  });

  it.each([[[]], [['-f']]])('says why the server refuses (%j)', async (options) => {
    const detail = 'The agent of web1 is not connected to this server.';
    const ended = await logs(problemAnswer('node-unavailable', detail), 'web1', 'ssh', ...options);
    expect(ended).toEqual({ code: 1, stdout: '', stderr: `error: ${detail}\n` });
  });

  it('shows what a hostile service writes down, and does not obey it; its lines stay below its own', async () => {
    const text = `\u001B[2Jgone\n${at}  sshd[1]: forged\r\u202E\u0007`;
    for (const args of [[], ['-f']]) {
      const answer = args.length === 0 ? { body: page([line(text)]) } : stream(data(page([line(text)])), end('\u001B[2J'));
      const { stdout, stderr } = await logs(answer, 'web1', 'ssh', ...args);
      expect(stdout).toBe(`${at}  \uFFFD[2Jgone\n    ${at}  sshd[1]: forged\uFFFD\uFFFD\uFFFD\n`);
      expect(stderr.trimEnd()).not.toMatch(/\p{Cc}/u);
      await server?.stop();
      server = undefined;
    }
  });
});
