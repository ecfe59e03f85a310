import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverIdentity } from '@muster/api';
import { makeKeyAndCsr } from '@muster/trust';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventReader, waiting } from '../test/event-reader.ts';
import { enrolAgent, ServerAgent } from '../test/server-agent.ts';
import { ask, problemIn } from '../test/requests.ts';
import { openServer, type TestServer } from '../test/server-fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServer({ MUSTER_AGENTS_HEARTBEAT_SECONDS: '1' });
});
afterAll(() => server.close());

/** As kill -9 of the database by somebody or something. */
async function killDatabase(): Promise<void> {
  const pidFile = await readFile(join(server.server.dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8');
  process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
}

describe('kill -9 of the database', () => {
  it('is answered with 503 until it is back; agents stay connected and good', async () => {
    const person = await server.signIn();
    const agent = await enrolAgent(server, 'worker1');
    const beating = setInterval(() => agent.beat(), 300);
    const reader = await EventReader.open({ socketPath: server.server.socketPath });
    try {
      await vi.waitFor(
        async () => expect((await server.local.getNode({ params: { node: 'worker1' } })).health.state).toBe('good'),
        waiting,
      );
      for (let round = 0; round < 3; round++) {
        await killDatabase();
        const seen = new Set<number>();
        const begin = performance.now();
        await vi.waitFor(
          async () => {
            const answers = await Promise.all([
              ask({ socketPath: server.server.socketPath }, '/api/v1/nodes/worker1'),
              person.ask('/api/v1/nodes'),
              person.ask('/api/v1/session'),
              ask({ socketPath: server.server.socketPath }, '/api/v1/health/ready'),
            ]);
            for (const answer of answers) {
              seen.add(answer.status);
              if (answer.status !== 503) continue;
              expect(problemIn(answer)).toMatchObject({ code: 'store-unavailable' });
              expect(answer.headers['retry-after']).toBe('2');
            }
            expect((await ask({ port: server.port }, '/api/v1/health/live')).status).toBe(200);
            expect(seen).toContain(503);
            expect(answers.map((one) => one.status)).toEqual([200, 200, 200, 200]);
          },
          { timeout: 20_000, interval: 50 },
        );
        expect(
          [...seen].filter((status) => ![200, 503].includes(status)),
          JSON.stringify(server.lines.slice(-40)),
        ).toEqual([]);
        expect(performance.now() - begin).toBeLessThan(15_000);
        const node = await server.local.getNode({ params: { node: 'worker1' } });
        expect([node.health.state, node.connected, agent.closedWith]).toEqual(['good', true, undefined]);
      }
      await server.local.addNode({ body: { name: 'after-the-outage' } });
      await reader.until((event) => event.nodeName === 'after-the-outage');
      await vi.waitFor(async () => {
        const node = await server.local.getNode({ params: { node: 'worker1' } });
        expect(node.heartbeatAgeSeconds).toBeLessThan(3);
      }, waiting);
      const { items } = await server.local.listEvents({ query: { node: 'worker1', limit: 1000 } });
      expect(items.filter((event) => event.kind === 'node-health').map((event) => event.data['to'])).toEqual(['good']);
    } finally {
      clearInterval(beating);
      reader.close();
      agent.close();
    }
  });

  it('keeps what was acknowledged', async () => {
    const names: string[] = [];
    let [over, failures] = [false, 0];
    const writing = (async () => {
      for (let i = 0; !over; i++) {
        const name = `kept-${i}`;
        const added = await server.local.addNode({ body: { name } }).then(
          () => true,
          () => false,
        );
        if (added) names.push(name);
        else failures += 1;
      }
    })();
    await vi.waitFor(() => expect(names.length).toBeGreaterThan(5), waiting);
    await killDatabase();
    // The sessions of a killed database go on until they notice.
    await vi.waitFor(() => expect(failures).toBeGreaterThan(0), waiting);
    const before = names.length;
    await vi.waitFor(() => expect(names.length).toBeGreaterThan(before + 5), waiting);
    over = true;
    await writing;
    const { items } = await server.local.listNodes({ query: { filter: ['name:kept-'], limit: 1000 } });
    const kept = new Set(items.map((node) => node.name));
    expect(names.filter((name) => !kept.has(name))).toEqual([]);
  });
});

describe('an agent', () => {
  it('of a removed node is put out through the API, and its key is of no more use', async () => {
    const agent = await enrolAgent(server, 'removed');
    await server.local.removeNode({ params: { node: 'removed' } });
    await vi.waitFor(() => expect(agent.closedWith).toBe(4001), waiting);
    await expect(ServerAgent.connect(server, agent.credentials)).rejects.toThrow(/403/u);
  });

  it('cannot have the name by which agents know the server', async () => {
    const { csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
    await server.local.addNode({ body: { name: serverIdentity } });
    const { token } = await server.local.makeJoinToken({ params: { node: serverIdentity } });
    await expect(enrolAgent(server, serverIdentity, { token, csrPem })).rejects.toThrow(/400/u);
  });
});
