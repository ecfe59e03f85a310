import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, FakeServer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';

const saved = { name: 'production', version: 2, sha256: 'a'.repeat(64), hosts: 2, savedBy: 'ada', savedAt: '2026-01-01T00:00:00.000Z' };

describe('inventories on the server', () => {
  let folder: string;
  let server: FakeServer | undefined;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-saved-'));
    mkdirSync(join(folder, 'group_vars'));
    writeFileSync(join(folder, 'hosts'), '[web]\nweb1 ansible_user=ada ansible_become_password=hidden\nweb2 ansible_host=10.0.0.2\n');
    writeFileSync(join(folder, 'group_vars', 'web.yml'), 'my_iface: eth1\n');
    writeFileSync(join(folder, 'secret'), '[web]\nweb1 k3s_token=hidden\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  const asked = async (answer: Answer, ...args: string[]) => {
    server = await FakeServer.start(() => answer);
    return await runMuster('--socket', server.socketPath, 'inventory', ...args);
  };

  it('are saved whole, with what stands beside them and without how a person logs in', async () => {
    const { code, stdout, stderr } = await asked({ body: saved }, 'save', 'production', '-i', join(folder, 'hosts'), '-e', 'a=1');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('production: version 2, 2 hosts. Next: muster runs start --inventory production --dry-run --follow\n');
    const [{ method, path, body } = { method: '', path: '', body: undefined }] = server?.asked ?? [];
    expect([method, path]).toEqual(['PUT', '/inventories/production']);
    const { document } = body as { document: string };
    expect(JSON.parse(document)).toEqual({
      all: {
        hosts: { web1: { a: '1', my_iface: 'eth1' }, web2: { a: '1', my_iface: 'eth1', ansible_host: '10.0.0.2' } },
        children: { web: { hosts: { web1: {}, web2: {} }, children: {} } },
      },
    });
  });

  it('are not sent where they hold a secret', async () => {
    const { code, stdout, stderr } = await asked({ body: saved }, 'save', 'production', '-i', join(folder, 'secret'));
    expect([code, stdout, server?.asked]).toEqual([1, '', []]);
    expect(stderr).toContain('Nothing was saved, because others would read its secrets:\nhost web1: k3s_token holds a secret');
    expect(stderr).not.toContain('hidden');
  });

  it('are listed, shown and removed', async () => {
    expect((await asked({ body: { items: [saved] } }, 'saved')).stdout).toMatch(
      /^NAME\s+VERSION\s+HOSTS\s+SAVED\s+BY\nproduction\s+2\s+2\s/u,
    );
    await server?.stop();
    expect((await asked({ body: { ...saved, document: 'all: {}\n' } }, 'show', 'production')).stdout).toBe('all: {}\n');
    await server?.stop();
    expect((await asked({ status: 204 }, 'remove', 'production')).stdout).toBe('The inventory production is removed.\n');
    expect(server?.asked).toMatchObject([{ method: 'DELETE', path: '/inventories/production' }]);
  });

  it('need one that is named', async () => {
    const { code, stderr } = await runMuster('inventory', 'save', 'production');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Name the inventory to keep with -i.') as string]);
  });
});
