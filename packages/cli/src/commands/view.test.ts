import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';

const query = { sort: '-gpus', filter: ['gpus:>0'], range: null, columns: null };
const view = {
  id: '7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c',
  name: 'gpus',
  shared: false,
  query,
  owner: 'ada@example.org',
  own: true,
  updatedAt: '2026-01-01T00:00:00.000Z',
};

describe('muster view', () => {
  let server: FakeServer | undefined;
  afterEach(() => server?.stop());
  const run = async (items: object[], ...args: string[]) => {
    const answer = ({ method }: Asked): Answer => {
      if (method === 'GET') return { body: { items } };
      return method === 'DELETE' ? { status: 204 } : { status: method === 'POST' ? 201 : 200, body: view };
    };
    server = await FakeServer.start(answer);
    return runMuster('--socket', server.socketPath, 'view', ...args);
  };

  /** What was asked after the list of views. */
  const second = (): Asked | undefined => server?.asked[1];

  it('list shows them', async () => {
    const { stdout } = await run(
      [view, { ...view, name: 'all of us', shared: true, own: false, query: { ...query, range: 'rack1' } }],
      'list',
    );
    expect(stdout).toBe(
      [
        'NAME       SHARED  OWNER            RANGE  FILTERS  SORT',
        'gpus       no      you              -      gpus:>0  -gpus',
        'all of us  yes     ada@example.org  rack1  gpus:>0  -gpus',
        '',
      ].join('\n'),
    );
  });

  it('save keeps a new one, and replaces one’s own of the name', async () => {
    const fresh = await run([{ ...view, own: false, shared: true }], 'save', 'gpus', '--filter', 'gpus:>0', '--sort=-gpus');
    expect([fresh.stdout, second()?.method, second()?.body]).toEqual([
      'The view gpus is saved.\n',
      'POST',
      { name: 'gpus', shared: false, query },
    ]);
    await server?.stop();
    const again = await run([view], 'save', 'gpus', '--range', 'rack1');
    expect([again.stdout, second()?.path]).toEqual(['The view gpus is replaced.\n', `/views/${view.id}`]);
    expect(second()?.body).toMatchObject({ query: { sort: 'name', filter: [], range: 'rack1' } });
    await server?.stop();
    expect((await run([view], 'save', 'gpus', '--shared')).stdout).toBe('The shared view gpus is saved.\n');
    await server?.stop();
    expect((await run([], 'save', 'gpus', '--range', 'a,,b')).code).toBe(2);
  });

  it('remove takes one’s own before the shared one', async () => {
    const other = { ...view, id: '8c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c', shared: true };
    expect((await run([other, view], 'remove', 'gpus')).stdout).toBe('The view gpus is removed.\n');
    expect(second()).toMatchObject({ method: 'DELETE', path: `/views/${view.id}` });
    await server?.stop();
    expect(await run([view], 'remove', 'nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no view named "nothing".'),
    });
  });
});
