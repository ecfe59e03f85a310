import type { Node } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { exampleNode } from '../../test/example-node.ts';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../test/fake-server.ts';
import { startMuster } from '../../test/run-muster.ts';

const since = '2026-01-01T00:00:00.000Z';

/** A server with some nodes, which it adds to and replaces as the real one does. */
class FakeNodes {
  readonly nodes: Map<string, Node>;

  /** How the server was told to reach nodes, or not any more. */
  readonly control: unknown[] = [];

  constructor(...nodes: Node[]) {
    this.nodes = new Map(nodes.map((node) => [node.name, node]));
  }

  readonly answer = ({ method, path, body }: Asked): Answer => {
    const [, , key = '', rest] = path.split('/').map(decodeURIComponent);
    const node = [...this.nodes.values()].find((one) => one.name === key || one.id === key);
    if (rest === 'join-tokens' || rest === 'reissue') {
      const token = `muster1.${rest === 'reissue' ? 'reissued-' : ''}${node?.name}`;
      return {
        status: 201,
        body: { nodeId: node?.id, token, expiresAt: '2026-01-01T00:30:00.000Z', command: 'x', systemd: 'x', cloudInit: 'x' },
      };
    }
    if (rest === 'agent-control') return this.#control(method, node, body);
    if (method === 'POST')
      return { status: 201, body: this.#put({ ...exampleNode({ labels: {}, groups: [], notes: '', revision: 1 }), ...(body as Node) }) };
    if (node === undefined) return problemAnswer('not-found', `There is no node ${key}.`);
    return { body: method === 'PUT' ? this.#put({ ...(body as Node), revision: node.revision + 1 }) : node };
  };

  #control(method: string, node: Node | undefined, body: unknown): Answer {
    this.control.push([node?.name, body]);
    if (method === 'DELETE') return { status: 204 };
    return { body: { ...(body as object), nodeId: node?.id, nodeName: node?.name, refusedKey: null, since } };
  }

  #put(node: Node): Node {
    this.nodes.set(node.name, node);
    return node;
  }
}

describe('muster node ensure -', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());

  const ensure = async (nodes: FakeNodes, stdin: unknown) => {
    server = await FakeServer.start(nodes.answer);
    const ended = await startMuster(
      ['--socket', server.socketPath, 'node', 'ensure', '-'],
      typeof stdin === 'string' ? stdin : JSON.stringify(stdin),
    );
    return { ...ended, methods: server.asked.map(({ method, path }) => `${method} ${path}`) };
  };

  it('adds what is missing, corrects what differs, leaves the rest, and makes tokens where they are wanted', async () => {
    const nodes = new FakeNodes(
      exampleNode({ id: '00000000-0000-4000-8000-000000000001', name: 'same', privateIp: '10.0.0.1' }),
      exampleNode({ id: '00000000-0000-4000-8000-000000000002', name: 'moved', privateIp: '10.0.0.2' }),
    );
    const { code, stdout, stderr, methods } = await ensure(nodes, [
      { name: 'same', privateIp: '10.0.0.1', groups: ['worker'] },
      { name: 'moved', privateIp: '10.0.0.22', groups: ['worker', 'gpu'], token: true },
      { name: 'fresh', privateIp: null, token: true },
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'same', changed: false },
      { name: 'moved', changed: true, token: 'muster1.moved' },
      { name: 'fresh', changed: true, token: 'muster1.fresh' },
    ]);
    expect(methods.filter((one) => !one.startsWith('GET'))).toEqual([
      'PUT /nodes/00000000-0000-4000-8000-000000000002',
      'POST /nodes/00000000-0000-4000-8000-000000000002/join-tokens',
      'POST /nodes',
      expect.stringMatching(/^POST \/nodes\/.*\/join-tokens$/u),
    ]);
    expect(nodes.nodes.get('moved')).toMatchObject({ privateIp: '10.0.0.22', groups: ['worker', 'gpu'] });
  });

  it('says that an inventory said so', async () => {
    server = await FakeServer.start(new FakeNodes(exampleNode()).answer);
    const stdin = JSON.stringify([{ name: 'web1', privateIp: '10.0.0.99' }, { name: 'fresh' }]);
    await startMuster(['--socket', server.socketPath, 'node', 'ensure', '-'], stdin);
    const changes = server.asked.filter(({ method }) => method !== 'GET');
    expect(changes.map(({ method, query }) => [method, query.get('source')])).toEqual([
      ['PUT', 'inventory'],
      ['POST', 'inventory'],
    ]);
  });

  it('reissues a node that is registered where that is wanted, and makes an ordinary token for any other', async () => {
    const nodes = new FakeNodes(
      exampleNode({ id: '00000000-0000-4000-8000-000000000001', name: 'anew' }),
      exampleNode({ id: '00000000-0000-4000-8000-000000000002', name: 'pending', registration: 'pending' }),
    );
    const { stdout, methods } = await ensure(nodes, [
      { name: 'anew', token: true, reissue: true },
      { name: 'pending', token: true, reissue: true },
    ]);
    expect((JSON.parse(stdout) as { token: string }[]).map(({ token }) => token)).toEqual(['muster1.reissued-anew', 'muster1.pending']);
    expect(methods.filter((one) => one.startsWith('POST'))).toEqual([
      'POST /nodes/00000000-0000-4000-8000-000000000001/reissue',
      'POST /nodes/00000000-0000-4000-8000-000000000002/join-tokens',
    ]);
  });

  it('leaves what the list does not name as an administrator made it', async () => {
    const decided = { labels: { rack: 'z' }, groups: ['mine'], environments: 'off' as const, notes: 'hands off', publicIp: '203.0.113.9' };
    const nodes = new FakeNodes(exampleNode(decided));
    const { methods } = await ensure(nodes, [{ name: 'web1', privateIp: '10.0.0.99' }]);
    expect(methods).toContain(`PUT /nodes/${exampleNode().id}`);
    expect(nodes.nodes.get('web1')).toMatchObject({ ...decided, privateIp: '10.0.0.99' });
  });

  it('changes nothing when a list names nothing but the node', async () => {
    const { methods } = await ensure(new FakeNodes(exampleNode()), [{ name: 'web1' }]);
    expect(methods).toEqual(['GET /nodes/web1']);
  });

  it('tells the server how to reach a host over SSH, or not to any more, and without a word leaves that as it was', async () => {
    const nodes = new FakeNodes(exampleNode());
    const control = { address: '10.0.0.11', port: 2222, hostKeys: ['ssh-ed25519 AAAA'] };
    await ensure(nodes, [{ name: 'web1', control }]);
    await server?.stop();
    await ensure(nodes, [{ name: 'web1', control: null }]);
    await server?.stop();
    await ensure(nodes, [{ name: 'web1' }]);
    expect(nodes.control).toEqual([
      ['web1', { ...control, full: false }],
      ['web1', undefined],
    ]);
  });

  it.each([
    ['not json', 'Standard input is not JSON.'],
    ['', 'Standard input is not JSON.'],
    ['{"name": "web1"}', 'expected array'],
    ['[{"privateIp": "10.0.0.1"}]', '0.name: '],
    ['[{"name": "web1", "privateIP": "10.0.0.1"}]', 'Unrecognized key: "privateIP"'],
    ['[{"name": "web1", "token": "yes"}]', '0.token: '],
    ['[{"name": "web1", "control": {"hostKeys": ["x"]}}]', '0.control.hostKeys.0: '],
    ['[{"name": "web1", "privateIp": "here"}]', '0.privateIp: not an IPv4 or IPv6 address'],
  ])('takes no %j, and asks the server nothing', async (stdin, said) => {
    const { code, stdout, stderr, methods } = await ensure(new FakeNodes(), stdin);
    expect([code, stdout, methods]).toEqual([2, '', []]);
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/\n\s+at /u);
  });

  it('prints nothing of what it did when it cannot do all of it: no half list is taken for a whole one', async () => {
    server = await FakeServer.start((asked) =>
      asked.path === '/nodes/web2'
        ? problemAnswer('store-unavailable', 'The database is away.')
        : new FakeNodes(exampleNode()).answer(asked),
    );
    const ended = await startMuster(
      ['--socket', server.socketPath, 'node', 'ensure', '-'],
      '[{"name": "web1", "token": true}, {"name": "web2"}]',
    );
    expect(ended).toEqual({ code: 1, stdout: '', stderr: 'error: The database is away.\n' });
  });
});
