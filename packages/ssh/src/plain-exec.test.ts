import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type Connection, makeOwnKey, openConnection } from './index.ts';

let sshd: TestSshd;
let connection: Connection;

/** What a host runs in place of any request: it tells the request, and does as one of its words says. */
const forced = `#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
  hang) exec sleep 30 ;;
  die) kill -9 $$ ;;
  much) i=0; while [ $i -lt 2000 ]; do echo "line $i of many"; i=$((i + 1)); done ;;
  *) printf 'asked <%s>\\n' "$SSH_ORIGINAL_COMMAND"; echo 'with a \\033[31mcolour' >&2; exit 3 ;;
esac
`;

beforeAll(async () => {
  sshd = await startSshd();
  const { privateKeyPem, publicKey } = makeOwnKey();
  const program = join(sshd.folder, 'forced');
  await writeFile(program, forced, { mode: 0o755 });
  await appendFile(join(sshd.folder, 'authorized_keys'), `restrict,command="${program}" ${publicKey}\n`);
  connection = await openConnection(sshd.target({ ownKeyPem: privateKeyPem }), sshd.options());
});
afterAll(async () => {
  await connection.close();
  await sshd.stop();
});

describe('a plain request to a forced command', () => {
  test.each(['start', 'a b', 'it\'s $(id) `id`; "x"', ''])('%j reaches it as it is, and how it ended is told', async (request) => {
    const { exitCode, said } = await connection.ask(request, { timeoutSeconds: 5 });
    expect(exitCode).toBe(3);
    expect(said).toContain(`asked <${request}>`);
    expect(said).not.toContain('\u001B');
  });

  test('that takes too long is given up', async () => {
    const startedMs = performance.now();
    await expect(connection.ask('hang', { timeoutSeconds: 0.3 })).rejects.toMatchObject({ kind: 'timeout' });
    expect(performance.now() - startedMs).toBeLessThan(3000);
  });

  test('is no success when a signal ended it', async () => {
    expect((await connection.ask('die', { timeoutSeconds: 5 })).exitCode).toBeNull();
  });

  test('keeps the end of a long answer only', async () => {
    const { exitCode, said } = await connection.ask('much', { timeoutSeconds: 5 });
    expect(exitCode).toBe(0);
    expect(said.length).toBeLessThan(400);
    expect(said).toContain('line 1999 of many');
  });

  test('can be cancelled', async () => {
    const controller = new AbortController();
    const asked = connection.ask('hang', { timeoutSeconds: 10, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(asked).rejects.toMatchObject({ kind: 'aborted' });
  });
});
