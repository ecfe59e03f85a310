import { rm, stat } from 'node:fs/promises';
import { connect } from 'node:tls';
import { NodeCreate } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { enrolAgent } from '../test/server-agent.ts';
import { ask } from '../test/requests.ts';
import { openServer } from '../test/server-fixture.ts';

describe('a server', () => {
  it('finds its state again after a stop: nodes, authority, the sessions of people', async () => {
    const first = await openServer();
    const { dataDir } = first.server;
    try {
      await first.local.addNode({ body: NodeCreate.parse({ name: 'kept' }) });
      const { caFingerprint } = await first.local.getStatus({});
      const person = await first.signIn();
      expect((await stat(first.server.socketPath)).mode & 0o777).toBe(0o660);
      await first.server.stop();
      await first.server.stop();
      expect(await stat(first.server.socketPath).catch(() => 'gone')).toBe('gone');
      expect(first.lines.filter((line) => line.level === 'error')).toEqual([]);

      const variables = { MUSTER_DATA_DIR: dataDir, MUSTER_HTTP_PORT: String(first.port) };
      const second = await openServer(variables);
      try {
        expect((await second.local.getStatus({})).caFingerprint).toBe(caFingerprint);
        expect((await second.local.getNode({ params: { node: 'kept' } })).name).toBe('kept');
        expect((await person.client.getSession({})).email).toBe('admin@muster.local');
        const { items } = await second.local.listEvents({ query: {} });
        const kinds = items.map((event) => event.kind).filter((kind) => kind.startsWith('server-'));
        expect(kinds).toEqual(['server-started', 'server-stopped', 'server-started']);
        expect(new Set(items.filter((event) => event.kind.startsWith('server-')).map((event) => event.data['serverId'])).size).toBe(1);
      } finally {
        await second.close();
      }
    } finally {
      await first.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('stops with agents connected, and leaves them written as not connected', async () => {
    const first = await openServer();
    const { dataDir } = first.server;
    try {
      const agent = await enrolAgent(first, 'worker1');
      agent.beat();
      await first.server.stop();
      expect(agent.closedWith).toBe(1001);
      expect(first.lines.filter((line) => line.level === 'error')).toEqual([]);
      expect(JSON.stringify(first.lines)).not.toContain('could not be written');
      const second = await openServer({ MUSTER_DATA_DIR: dataDir });
      try {
        const node = await second.local.getNode({ params: { node: 'worker1' } });
        expect(node).toMatchObject({ connected: false, registration: 'registered' });
        expect(node.lastHeartbeatAt).not.toBeNull();
        const { items } = await second.local.listEvents({ query: { node: 'worker1' } });
        expect(items.map((event) => event.kind)).toContain('node-disconnected');
      } finally {
        await second.close();
      }
    } finally {
      await first.close();
    }
  });

  it('speaks TLS 1.2 at least at both doors', async () => {
    const secure = await openServer({ MUSTER_HTTP_TLS: 'on' });
    try {
      for (const port of [secure.port, secure.agentsPort]) {
        const old = await new Promise<string>((resolve) => {
          const options = {
            host: '127.0.0.1',
            port,
            rejectUnauthorized: false,
            minVersion: 'TLSv1',
            maxVersion: 'TLSv1.1',
            ciphers: 'ALL:@SECLEVEL=0',
          } as const;
          const socket = connect(options, () => resolve('connected'));
          socket.on('error', (error) => resolve(error.message));
        });
        expect(old).not.toBe('connected');
      }
      expect((await ask({ socketPath: secure.server.socketPath }, '/api/v1/health/ready')).status).toBe(200);
    } finally {
      await secure.close();
    }
  });
});
