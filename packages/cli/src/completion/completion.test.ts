import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, FakeServer } from '../../test/fake-server.ts';
import { runMuster } from '../../test/run-muster.ts';
import { makeProgram } from '../program.ts';
import { candidatesAt, type NamesPort } from './candidates.ts';
import { placeOf } from './place.ts';
import { splitLine } from './split-line.ts';

const known = {
  nodes: ['node1', 'node2', 'web-a', 'web-b'],
  groups: ['rack1', 'workers'],
  labels: ['rack', 'zone'],
  units: ['cron.service', 'ssh.service'],
};
const beginning = (prefix: string) =>
  Object.fromEntries(Object.entries(known).map(([kind, names]) => [kind, names.filter((name) => name.startsWith(prefix))])) as typeof known;
const port: NamesPort = { names: async (prefix) => beginning(prefix), views: async () => ['bad ones', 'gpus'] };

const complete = async (...words: string[]): Promise<string> =>
  (await candidatesAt(placeOf(await makeProgram(), words), port)).map(({ word }) => word).join(' ');

describe('the words that could follow', () => {
  it.each([
    [['no'], 'nodes node'],
    [['node', 'co'], 'cordon controller'],
    [['node', 'cor'], 'cordon'],
    [['node', 'maintenance', ''], 'begin end'],
    [['node', 'show', 'we'], 'web-a web-b'],
    [['node', 'add', ''], ''],
    [['node', 'show', 'web-a', ''], ''],
    [['node', 'cordon', ''], 'rack1 workers node1 node2 web-a web-b all'],
    [['node', 'cordon', 'rack1,-no'], 'rack1,-node1 rack1,-node2'],
    [['node', 'cordon', '(rack1@w'], '(rack1@workers (rack1@web-a (rack1@web-b'],
    [['node', 'cordon', 'node[1-'], ''],
    [['nodes', '-o', 'w'], 'wide'],
    [['nodes', '-o', ''], 'table wide json yaml name csv'],
    [['nodes', '--output=cs'], '--output=csv'],
    [['nodes', '--range', 'ra'], 'rack1'],
    [['nodes', '--range=rack1,no'], '--range=rack1,node1 --range=rack1,node2'],
    [['nodes', '--view', 'g'], 'gpus'],
    [
      ['nodes', '--sort', 'health,-cert'],
      'health,-certificateSerial health,-certificateExpiresAt health,-certificateIssuedAt health,-certificateDaysLeft',
    ],
    [['nodes', '--filter', 'sche'], 'scheduling:'],
    [['nodes', '--filter', 'scheduling:dr'], 'scheduling:draining scheduling:drained'],
    [['nodes', '--filter', 'group:r'], 'group:rack1'],
    [['nodes', '--filter', 'name:x'], ''],
    [['node', 'set', 'rack1', '--remove-label', 'z'], 'zone'],
    [['node', 'set', 'rack1', '--group', 'w'], 'workers'],
    [['node', 'token', 'web-a', '--as', ''], 'line systemd cloud-init'],
    [['node', 'show', '--ou'], '--output'],
    [['view', 'remove', ''], 'bad ones gpus'],
    [['range', 'fold', 'node1', 'web'], 'web-a web-b'],
    [['events', '--node', 'no'], 'node1 node2'],
    [['events', '--severity', ''], 'info warning error'],
    [['apply', '--only', 'prep'], 'prepare'],
    [['apply', '--skip', 'server,ver'], 'server,verify'],
    [['apply', '--skip=server,serv'], ''],
    [['events', '--kind', 'node-h'], 'node-health'],
    [['certificates', 'ra'], 'rack1'],
    [['certificates', '--state', 're'], 'retiring revoked'],
    [['certificate', 'rotate', 'rack1,no'], 'rack1,node1 rack1,node2'],
    [['certificate', 'revoke', 'web'], 'web-a web-b'],
    [['certificate', 'revoke', 'web-a', '--reason', 'key'], 'key-compromise'],
    [['authority', 'rotate', ''], 'prepare agents servers finish roll-back'],
    [['completion', ''], 'bash zsh fish'],
    [['--socket', '/x', 'node', 'sh'], 'show'],
    [['frobnicate', ''], ''],
    [['nodes', '--', '-'], ''],
  ])('%j: %s', async (words, wanted) => expect(await complete(...words)).toBe(wanted));

  it('are all commands but the hidden ones', async () => {
    const words = await complete('');
    expect(words).toContain('nodes node');
    expect(words).not.toContain('__complete');
  });
});

describe('a line that is being typed', () => {
  it.each([
    ['muster ', ['muster', '']],
    ['muster nod', ['muster', 'nod']],
    ['muster  node   show ', ['muster', 'node', 'show', '']],
    [`muster x 'a b`, ['muster', 'x', 'a b']],
    [`muster "a\\"b" c\\ d`, ['muster', 'a"b', 'c d']],
    [`muster '' x`, ['muster', '', 'x']],
    ['', ['']],
    ['muster x\\', ['muster', 'x']],
  ])('%j', (line, words) => expect(splitLine(line)).toEqual(words));
});

describe('muster completion bash', () => {
  let server: FakeServer;
  let folder: string;
  beforeAll(async () => {
    server = await FakeServer.start(({ path, query }: Asked) => ({
      body: path === '/names' ? beginning(query.get('prefix') ?? '') : { items: [] },
    }));
    folder = mkdtempSync(join(tmpdir(), 'muster-completion-'));
    writeFileSync(join(folder, 'muster.bash'), (await runMuster('completion', 'bash')).stdout);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  /** Types a line into a bash that has sourced the script, presses Tab, and tells what was put into the line and what was offered. */
  function tab(line: string): Promise<string[]> {
    const main = join(import.meta.dirname, '..', 'main.ts');
    // The words as bash itself parts them: it is asked, not imitated.
    const script = `
      source "$1"
      node="$2" main="$3"
      muster() { "$node" "$main" "$@"; }
      COMP_LINE="$4" COMP_POINT=\${#4}
      COMP_WORDS=(muster) COMP_CWORD=0
      _muster
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return new Promise((resolve, reject) => {
      const args = ['--noprofile', '--norc', '-c', script, 'bash', join(folder, 'muster.bash'), process.execPath, main, line];
      const child = spawn('bash', args, { env: { ...process.env, MUSTER_SOCKET: server.socketPath } });
      let said = '';
      let wrong = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (wrong += text));
      child.on('error', reject);
      child.on('close', () => (wrong === '' ? resolve(said.split('\n').filter((one) => one !== '')) : reject(new Error(wrong))));
    });
  }

  it('completes in a real bash: commands, nodes of the server, choices, and what follows on = : and @', async () => {
    const lines: [string, string[]][] = [
      ['muster node cor', ['cordon']],
      ['muster node show web', ['web-a', 'web-b']],
      ['muster nodes -o js', ['json']],
      ['muster nodes --range=rac', ['rack1']],
      ['muster nodes --filter health:b', ['bad']],
      ['muster node cordon rack1@no', ['node1', 'node2']],
      [`muster node cordon 'rack1,-no`, [`rack1,-node1`, `rack1,-node2`]],
      ['muster node add ', []],
    ];
    const completed = await Promise.all(lines.map(async ([line]) => [line, await tab(line)]));
    expect(completed).toEqual(lines);
  }, 60_000);

  it('offers nothing, and says nothing, where no server answers', async () => {
    const { code, stdout, stderr } = await runMuster('__complete', '--', '--socket', '/nonexistent/muster.sock', 'node', 'show', 'w');
    expect([code, stdout, stderr]).toEqual([0, '', '']);
  });
});
