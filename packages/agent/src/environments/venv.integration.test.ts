import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { makeWheel, type Wheel } from '@muster/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { artifactOf } from '../../test/artifact-server.ts';
import { EngineFixture, ensureTask } from '../../test/engine-fixture.ts';
import { type FakeAuthority, makeFakeAuthority } from '../../test/fake-authority.ts';

let authority: FakeAuthority;
beforeAll(async () => {
  authority = await makeFakeAuthority();
});

const python = '/usr/bin/python3';
const hello = makeWheel('hello', '1.0', 'import world\nprint("hello " + world.name)\n', ['world']);
const world = makeWheel('world', '2.0', 'name = "world"\n');
const artifacts = (...wheels: Wheel[]) => wheels.map(({ fileName, content }) => artifactOf(fileName, content));
const pinOf = ({ fileName, sha256 }: Wheel): string => `${fileName.split('-').slice(0, 2).join('==')} --hash=sha256:${sha256}\n`;
const recipe = (requirements: string, interpreter = python) => ({ kind: 'venv' as const, requirements, python: interpreter });

describe('a virtual environment', () => {
  it('is made of wheels from the server alone, and works', async () => {
    const host = await EngineFixture.open(authority, artifacts(hello, world));
    const { listing } = await host.ensure(ensureTask('ml', 1, recipe(pinOf(hello) + pinOf(world)), artifacts(hello, world)));
    const program = join(host.root, 'ml/current/bin/python');
    expect(execFileSync(program, ['-c', 'import hello'], { encoding: 'utf8' })).toBe('hello world\n');
    expect(listing.packages).toEqual(expect.arrayContaining([{ name: 'hello', version: '1.0', source: 'pip' }]));
    expect(listing.lock).toMatch(/^hello==1\.0\n(?:.*\n)*world==2\.0\n$/u);
    expect(host.names()).toEqual(['.cache', 'ml']);
  });

  it.each<[string, string, Wheel[], RegExp]>([
    ['a requirement that is in no wheel', `${pinOf(hello)}${pinOf(world)}`, [hello], /No matching distribution found for world==2\.0/u],
    ['a dependency that is not pinned', pinOf(hello), [hello, world], /all requirements must have their versions pinned/u],
    ['a hash of something else', `world==2.0 --hash=sha256:${hello.sha256}\n`, [world], /THESE PACKAGES DO NOT MATCH THE HASHES/u],
  ])('with %s fails with the words of pip, and leaves nothing', async (_what, requirements, wheels, message) => {
    const host = await EngineFixture.open(authority, artifacts(...wheels));
    await expect(host.ensure(ensureTask('ml', 1, recipe(requirements), artifacts(...wheels)))).rejects.toMatchObject({
      fault: 'definition',
      message: expect.stringMatching(message),
    });
    expect(host.names().filter((name) => !name.startsWith('.'))).toEqual([]);
  });

  it('for an interpreter that is not on the node says so', async () => {
    const host = await EngineFixture.open(authority, []);
    await expect(host.ensure(ensureTask('ml', 1, recipe(pinOf(world), 'python3.99'), []))).rejects.toThrow(
      'There is no python3.99 on the node. Install it, or name another one.',
    );
  });
});
