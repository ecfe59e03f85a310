import { afterEach, describe, expect, it } from 'vitest';
import { exampleNode } from '../../../test/example-node.ts';
import { type Answer, FakeServer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';

describe('muster inventory without an inventory', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());

  const nodes = [exampleNode({ name: 'web2', groups: ['gpu', 'worker'], privateIp: null, reportedIp: '10.0.0.12' }), exampleNode()];
  const asked = async (...args: string[]) => {
    server = await FakeServer.start((): Answer => ({ body: { items: nodes, total: nodes.length } }));
    return runMuster('--socket', server.socketPath, 'inventory', ...args);
  };

  it('lists the registered nodes as ansible-inventory would', async () => {
    const { code, stdout, stderr } = await asked('--list');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      _meta: { hostvars: { web1: { ansible_host: '10.0.0.11', muster_labels: 'rack=a' }, web2: { ansible_host: '10.0.0.12' } } },
      gpu: { hosts: ['web2'] },
      worker: { hosts: ['web1', 'web2'] },
    });
  });

  it('shows the variables of one, and the tree', async () => {
    const { stdout } = await asked('--host', 'web1');
    expect(JSON.parse(stdout)).toMatchObject({ ansible_host: '10.0.0.11', muster_health: 'good', muster_connected: true });
    await server?.stop();
    expect((await asked('--graph')).stdout).toContain('  |--@worker:\n  |  |--web1\n  |  |--web2\n');
  });

  it('asks the server for those of a range and filters', async () => {
    await asked('--list', '--range', 'web[1-2]', '--filter', 'health:good');
    expect(server?.asked[0]?.query.getAll('filter')).toEqual(['health:good']);
    expect(server?.asked[0]?.query.get('range')).toBe('web[1-2]');
  });

  it('prints a file', async () => {
    const { code, stdout } = await asked('--list', '--yaml');
    expect([code, stdout.split('\n').slice(0, 4)]).toEqual([0, ['all:', '  hosts:', '    web1:', '      ansible_host: "10.0.0.11"']]);
  });

  it.each([[['-e', 'a=1'], 'name one with -i'] as const, [['--vault-password-file', 'x'], 'name one with -i'] as const])(
    'refuses %j',
    async (args, said) => {
      const { code, stderr } = await asked('--list', ...args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(said) as string]);
    },
  );
});
