import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { expect, it } from 'vitest';
import { layoutOf } from './layout.ts';
import { serverSettings, writeSettings } from './settings.ts';
import { databaseUser } from './system-user.ts';

it('keeps every acknowledged write, listens on no network, and quotes paths of any kind', () => {
  const text = serverSettings(layoutOf(`/it's a \\path`), '/run/a "quoted", folder');
  for (const line of ['fsync = on', 'full_page_writes = on', 'synchronous_commit = on', "listen_addresses = ''"])
    expect(text.split('\n')).toContain(line);
  expect(text).toContain(`unix_socket_directories = '"/run/a ""quoted"", folder"'`);
  expect(text).toContain(`hba_file = '/it''s a \\\\path/pg_hba.conf'`);
});

it('writes files that the database’s user can read and not change', async () => {
  const home = await reachableFolder();
  const layout = layoutOf(home);
  const user = await databaseUser(undefined, home);
  await writeSettings(layout, join(home, 'socket'), user);
  for (const path of [layout.config, layout.access, layout.users]) {
    expect((await stat(path)).uid).toBe(process.getuid?.());
    expect((await stat(path)).mode & 0o777).toBe(user.other ? 0o644 : 0o600);
  }
  const users = await readFile(layout.users, 'utf8');
  expect(users).toContain('muster "root" muster');
  expect(users).toContain(`muster "${user.name}" muster`);
  expect(await readFile(layout.access, 'utf8')).toMatch(/^local all all peer map=muster$/mu);
  expect(await readFile(layout.config, 'utf8')).not.toContain("local.conf'");
  await writeFile(join(home, 'local.conf'), 'work_mem = 9MB\n');
  await writeSettings(layout, join(home, 'socket'), user);
  expect((await readFile(layout.config, 'utf8')).trimEnd()).toMatch(/include 'local\.conf'$/u);
  await rm(home, { recursive: true });
});

it('refuses a path that no configuration can name', async () => {
  const home = join(await reachableFolder(), 'line\nfsync = off');
  await mkdir(home);
  await expect(writeSettings(layoutOf(home), '/run/x', await databaseUser(undefined, home))).rejects.toMatchObject({
    code: 'not-reachable',
  });
  await rm(join(home, '..'), { recursive: true });
});
