import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FakeHost } from '../../test/fake-host.ts';
import { grammarProblems, runInDash } from '../../test/dash.ts';
import { askServer, readNodes } from './server-cli.ts';

const { signal } = new AbortController();

describe('a question to the server', () => {
  it('is asked through its own socket, as root, with what is long on standard input', async () => {
    const host = new FakeHost('boss');
    await askServer(host, ['node', 'ensure', '-'], z.array(z.unknown()), { signal, stdin: '[]' });
    expect(host.sent).toEqual([
      {
        label: 'muster node ensure',
        script: "exec '/opt/muster/bin/muster' '--socket' '/run/muster/muster.sock' 'node' 'ensure' '-'",
        stdin: '[]',
        sudo: true,
      },
    ]);
  });

  it('keeps its words apart, whatever is in them', async () => {
    const host = new FakeHost('boss');
    const words = ["it's", '$(touch owned)', 'a b', '`x`', '"', '\\', '*', '-o'];
    host.muster.answer = '1';
    await askServer(host, words, z.number(), { signal });
    const script = host.sent[0]?.script.replace("exec '/opt/muster/bin/muster'", `printf '%s\\n'`) ?? '';
    expect(await grammarProblems(script)).toBe('');
    expect((await runInDash(script)).stdout.split('\n').slice(2, -1)).toEqual(words);
  });

  it.each(['', 'hello', '[]', '{"n": "1"}'])('that is answered by %j says so, without the answer', async (answer) => {
    const host = new FakeHost('boss');
    host.muster.answer = answer;
    const asked = askServer(host, ['status'], z.object({ n: z.number() }), { signal });
    await expect(asked).rejects.toThrow(
      /^The server's answer to "muster status" is not understood( \(at n\))?\. Is it of another version\?$/u,
    );
  });

  it('about its nodes is answered by what a run needs of them', async () => {
    const host = new FakeHost('boss');
    host.muster.put('web1', { groups: ['worker'], labels: { rack: 'a' }, privateIp: '10.0.0.11' });
    expect(await readNodes(host, signal)).toEqual(
      new Map([
        [
          'web1',
          {
            id: '00000000-0000-4000-8000-000000000000',
            name: 'web1',
            privateIp: '10.0.0.11',
            groups: ['worker'],
            labels: { rack: 'a' },
            registration: 'pending',
            certified: false,
            health: 'unknown',
            reasons: ['The agent has not enrolled yet.'],
            isOfInventory: false,
          },
        ],
      ]),
    );
  });
});
