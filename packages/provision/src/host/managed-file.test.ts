import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runInDash } from '../../test/dash.ts';
import { FakeHost } from '../../test/fake-host.ts';
import { fileChange, hashLine, writeManaged } from './managed-file.ts';
import { readLines } from './run-script.ts';

const file = { path: '/etc/muster/agent.json', content: '{"watch": []}\n', mode: 0o644 };
const hash = createHash('sha256').update(file.content).digest('hex');

describe('a file that a run keeps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-managed-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is left alone when it has its content, and told when it is missing or differs', () => {
    expect(fileChange(file, hash)).toEqual([]);
    expect(fileChange(file, 'none')).toEqual([{ what: 'write /etc/muster/agent.json', content: file.content }]);
    expect(fileChange(file, 'f'.repeat(64))).toEqual([{ what: 'change /etc/muster/agent.json', content: file.content }]);
    expect(fileChange(file, undefined)).toMatchObject([{ what: 'change /etc/muster/agent.json' }]);
  });

  it('is looked at by a line of script that a real shell runs', async () => {
    const path = join(folder, 'agent.json');
    const look = async () => readLines((await runInDash(hashLine('config', path))).stdout).get('config');
    expect(await look()).toBe('none');
    writeFileSync(path, file.content);
    expect(await look()).toBe(hash);
    expect(fileChange({ ...file, path }, await look())).toEqual([]);
  });

  it('is written as root, with its mode', async () => {
    const host = new FakeHost('web1');
    await writeManaged(host, file, new AbortController().signal);
    expect(host.uploads).toEqual([{ path: file.path, mode: 0o644, owner: 'root:root', content: file.content }]);
  });
});
