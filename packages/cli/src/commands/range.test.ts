import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problem } from '@muster/api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer } from '../../test/fake-server.ts';
import { runMuster, startMuster } from '../../test/run-muster.ts';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
let folder: string;
let inventory: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-range-'));
  inventory = join(folder, 'inventory.ini');
  writeFileSync(inventory, '[driver]\nboss\n[worker]\nweb[01:12]\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const range = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, 'range', ...args);
};

describe('muster range against a server', () => {
  it('expands to a name on each line, or as is asked for', async () => {
    const answer = (): Answer => ({ body: { names: ['n1', 'n2'], range: 'n[1-2]' } });
    expect(await range(answer, 'expand', 'rack1', '--allow-empty')).toEqual({ code: 0, stdout: 'n1\nn2\n', stderr: '' });
    expect(server?.asked).toMatchObject([{ method: 'POST', path: '/ranges/expand', body: { range: 'rack1', allowEmpty: true } }]);
    await server?.stop();
    expect(JSON.parse((await range(answer, 'expand', 'rack1', '-o', 'json')).stdout)).toEqual(['n1', 'n2']);
  });

  it('points at what the server finds wrong', async () => {
    const { problem: body } = problem('invalid-request', 'x', [
      { path: 'range', message: 'no node or group is named n7. Did you mean n1?', offset: 6, length: 2 },
    ]);
    const { code, stderr } = await range(() => ({ status: 400, body }), 'expand', 'rack1,n7');
    expect([code, stderr]).toEqual([1, 'error: no node or group is named n7\n  rack1,n7\n        ^^\nDid you mean n1?\n']);
  });

  it('folds names, also those of standard input', async () => {
    const answer = ({ body }: Asked): Answer => ({ body: { range: (body as { names: string[] }).names.join('+') } });
    expect((await range(answer, 'fold', 'n1', 'n2')).stdout).toBe('n1+n2\n');
    const ended = await startMuster(['--socket', server?.socketPath ?? '', 'range', 'fold', 'n0', '-'], 'n1\nn2 n3\n\n');
    expect(ended).toEqual({ code: 0, stdout: 'n0+n1+n2+n3\n', stderr: '' });
  });
});

describe('muster range against an inventory', () => {
  it('expands and folds without a server', async () => {
    const expanded = await runMuster('range', 'expand', '-i', inventory, 'worker,-web[03-12],boss');
    expect(expanded).toEqual({ code: 0, stdout: 'boss\nweb01\nweb02\n', stderr: '' });
    const folded = await runMuster('range', 'fold', '-i', inventory, 'web03', 'web01', 'web02', 'boss');
    expect(folded).toEqual({ code: 0, stdout: 'boss,web[01-03]\n', stderr: '' });
  });

  it('reads files', async () => {
    const list = join(folder, 'list');
    writeFileSync(list, '# broken ones\nweb01\nweb02\n');
    expect((await runMuster('range', 'expand', '-i', inventory, `web[01-03],-^${list}`)).stdout).toBe('web03\n');
  });

  it.each([
    ['web13', 'no node or group is named web13\n  web13\n  ^^^^^\n'],
    ['web01,wroker', 'Did you mean worker?'],
    ['web05-web01', '  web05-web01\n'],
    ['web[01', '  web[01\n'],
    ['worker,-worker', 'matches no node'],
    ['cores>=1', 'no node has an attribute cores'],
    ['^/nonexistent/file', 'cannot be read'],
  ])('says where %s is wrong', async (text, said) => {
    const { code, stdout, stderr } = await runMuster('range', 'expand', '-i', inventory, text);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });

  it('lets a range be empty only where that is said', async () => {
    expect(await runMuster('range', 'expand', '-i', inventory, 'worker,-worker', '--allow-empty')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('folds no host that is not there', async () => {
    const { code, stderr } = await runMuster('range', 'fold', '-i', inventory, 'web01', 'nope');
    expect([code, stderr]).toEqual([2, 'error: The inventory has no host nope.\n']);
  });
});
