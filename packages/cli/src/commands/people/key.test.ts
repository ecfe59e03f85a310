import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiKey } from '@muster/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';

const id = '3f6c2a0e-4f0e-4d6f-9a5d-6f4d0f1f2a3b';
const secret = 'muster_the-secret-of-the-key';
const key: ApiKey = {
  id,
  name: 'ci',
  prefix: 'muster_abc123',
  ownerId: 'p1',
  ownerName: 'ada@example.org',
  role: 'operator',
  groups: ['web'],
  mayExec: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-04-01T00:00:00.000Z',
  lastUsedAt: null,
  lastUsedFrom: null,
  revokedAt: null,
  state: 'active',
};

let server: FakeServer | undefined;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-key-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  rmSync(folder, { recursive: true });
});
const muster = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  await server?.stop();
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, 'key', ...args);
};
const made = () => ({ status: 201, body: { key, secret } });

describe('muster key', () => {
  it('make prints the key alone, and what people want to know beside it', async () => {
    const { code, stdout, stderr } = await muster(made, 'make', 'ci', '--role', 'operator', '--group', 'web', '--expires-in-days', '30');
    expect([code, stdout]).toEqual([0, `${secret}\n`]);
    expect(stderr).toContain(`the only time it is shown. It expires on 2026-04-01; to end it: muster key revoke ${id}`);
    expect(server?.asked).toMatchObject([
      { method: 'POST', path: '/session/keys', body: { name: 'ci', role: 'operator', groups: ['web'], expiresInDays: 30 } },
    ]);
    const json = await muster(made, 'make', 'ci', '-o', 'json');
    expect([JSON.parse(json.stdout), json.stderr]).toEqual([{ key, secret }, '']);
    expect(server?.asked[0]?.body).toEqual({ name: 'ci', expiresInDays: 90 });
  });

  it('make writes it into a new file for its owner only, and prints it nowhere', async () => {
    const out = join(folder, 'ci.key');
    const { stdout, stderr } = await muster(made, 'make', 'ci', '--out', out);
    expect(readFileSync(out, 'utf8')).toBe(`${secret}\n`);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(stdout + stderr).not.toContain(secret);
  });

  it('make makes none that could not be kept', async () => {
    const there = join(folder, 'there');
    writeFileSync(there, 'before');
    for (const out of [there, join(folder, 'no', 'such', 'folder')]) {
      const { code, stderr } = await muster(made, 'make', 'ci', '--out', out);
      expect([code, server?.asked]).toEqual([1, []]);
      expect(stderr).toContain('No key was made.');
    }
    expect(readFileSync(there, 'utf8')).toBe('before');
    const refused = await muster(() => problemAnswer('not-allowed', 'no'), 'make', 'ci', '--out', join(folder, 'refused'));
    expect(refused.code).toBe(1);
    expect(existsSync(join(folder, 'refused')) && readFileSync(join(folder, 'refused'), 'utf8')).not.toContain('muster_');
  });

  it('list shows one’s own, and for administrators all', async () => {
    const list = () => ({ body: { items: [{ ...key, name: 'a\u001B[2J' }] } });
    const { stdout } = await muster(list, 'list', '-o', 'wide');
    expect(stdout).toMatch(/muster_abc123\.\.\. .*operator .*web .*active .*2026-04-01 .*never .*ada@example\.org/u);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(server?.asked[0]?.path).toBe('/session/keys');
    await muster(list, 'list', '--all');
    expect(server?.asked[0]?.path).toBe('/keys');
  });

  it('revoke ends one’s own, or anybody’s where one may', async () => {
    const revoked = { ...key, state: 'revoked' as const };
    expect((await muster(() => ({ body: revoked }), 'revoke', id)).stdout).toBe('The key ci of ada@example.org is revoked.\n');
    const others = ({ path }: Asked): Answer =>
      path.startsWith('/session') ? problemAnswer('not-found', 'no such key') : { body: revoked };
    expect((await muster(others, 'revoke', id)).code).toBe(0);
    expect(server?.asked.map(({ path }) => path)).toEqual([`/session/keys/${id}`, `/keys/${id}`]);
    expect((await muster(() => problemAnswer('not-allowed', 'no'), 'revoke', id)).stderr).toBe('error: no\n');
  });
});
