import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConsole } from '../test/console-client.ts';
import { type IpmiSim, startIpmiSim } from '../test/ipmi-sim.ts';
import { openServer, openServerOnStore, type StoreServer, type TestServer } from '../test/server-fixture.ts';

let bmc: IpmiSim;
let first: StoreServer;
let second: TestServer;
beforeAll(async () => {
  bmc = await startIpmiSim();
  first = await openServerOnStore({ MUSTER_POOL_NAME: 'first', MUSTER_CONSOLES_RECORD: 'on' });
  const dataDir = join(await reachableFolder(), 'data');
  await mkdir(dataDir);
  await copyFile(join(first.folder, 'data', 'master.key'), join(dataDir, 'master.key'));
  second = await openServer({ MUSTER_DATABASE_URL: first.url, MUSTER_DATA_DIR: dataDir, MUSTER_POOL_NAME: 'second' });
  const { port, user, password } = bmc;
  await first.local.addNode({ body: { name: 'web1' } });
  await first.local.setController({ params: { node: 'web1' }, body: { kind: 'ipmi', address: '127.0.0.1', port, user, password } });
});
afterAll(async () => {
  await second.close();
  await bmc.stop();
});

const within = { timeout: 30_000, interval: 50 };

describe('consoles in a pool', { timeout: 120_000 }, () => {
  it('are held by one server; the other says which, and takes over when that one stops', async () => {
    const ada = openConsole({ socketPath: first.server.socketPath }, 'web1');
    await expect.poll(() => ada.writes, within).toBe(true);
    ada.type('hello');
    await expect.poll(() => ada.shown, within).toContain('<hello>');
    expect((await second.local.listConsoles({})).items).toMatchObject([{ nodeName: 'web1', serverName: 'first' }]);
    const bob = openConsole({ socketPath: second.server.socketPath }, 'web1');
    await expect
      .poll(() => bob.last('end'), within)
      .toMatchObject({
        message: expect.stringContaining('open on the server first of this pool') as string,
        elsewhere: first.server.panelUrl,
      });
    const [recording] = (await first.local.listRecordings({})).items;
    expect(recording).toMatchObject({ nodeName: 'web1' });
    await expect.poll(async () => first.local.getRecording({ params: { id: recording?.id ?? '' } }), within).toContain('<hello>');
    expect((await second.local.listRecordings({})).items).toEqual([]);
    await first.close();
    await expect.poll(() => ada.last('end')?.message, within).toBe('The server is going down.');
    const eve = openConsole({ socketPath: second.server.socketPath }, 'web1');
    await expect.poll(() => eve.writes, within).toBe(true);
    eve.socket.close();
    await eve.closed;
  });
});
