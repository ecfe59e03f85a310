import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { EnsureEnvironment, EnvironmentRecipe, PackageListing } from '@muster/api/agent';
import { makeTar, type TarEntry } from '@muster/testkit';
import type { EngineParts, EngineStep } from '../src/environments/engine.ts';
import { environmentPaths } from '../src/environments/disk/environment-paths.ts';
import { performTask } from '../src/environments/perform-task.ts';
import type { Identity } from '../src/state/identity.ts';
import { artifactOf, FakeArtifactServer, type ServedArtifact } from './artifact-server.ts';
import { enrolledNode } from './enrolled-node.ts';
import type { FakeAuthority } from './fake-authority.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Starts the agent's program from its sources. */
export const agentProgram = [process.execPath, join(import.meta.dirname, '../src/main.ts')] as const;

const sha256Of = (text: string): string => artifactOf('x', Buffer.from(text)).sha256;

/** An archive of an environment as `tar` would make it: one program that tells its version. */
export function archiveOf(version: string, more: readonly TarEntry[] = []): ServedArtifact {
  const entries = [
    { path: 'bin/tell', content: `#!/bin/sh\necho ${version}\n`, mode: 0o755 },
    { path: 'lib/python3.11/site-packages/thing-1.0.dist-info/METADATA', content: 'Name: thing\n' },
    ...more,
  ];
  return artifactOf(`env-${version}.tar`, makeTar(entries));
}

/** The task that brings an environment to a node. */
export function ensureTask(
  name: string,
  version: number,
  recipe: EnvironmentRecipe,
  artifacts: readonly ServedArtifact[],
): EnsureEnvironment {
  const references = artifacts.map(({ sha256, name: file, sizeBytes }) => ({ sha256, name: file, sizeBytes }));
  const definitionSha256 = sha256Of(JSON.stringify([recipe, references]));
  return {
    kind: 'environment',
    action: 'ensure',
    name,
    version,
    definitionSha256,
    recipe,
    artifacts: references,
    maxUnpackedBytes: 100_000_000,
  };
}

export const archiveTask = (name: string, version: number, archive: ServedArtifact): EnsureEnvironment =>
  ensureTask(name, version, { kind: 'archive' }, [archive]);

/** A host's folder of environments, and a server that has artifacts. */
export class EngineFixture {
  readonly root: string;
  readonly stateDir: string;
  readonly server: FakeArtifactServer;
  readonly steps: EngineStep[] = [];
  readonly parts: EngineParts;
  users: { pid: number; name: string; paths: string[] }[] = [];

  static async open(authority: FakeAuthority, artifacts: readonly ServedArtifact[], root = temporaryFolder()): Promise<EngineFixture> {
    const server = await FakeArtifactServer.start(authority, artifacts);
    const { stateDir, identity } = await enrolledNode(authority, [server.address]);
    return new EngineFixture(server, stateDir, identity, root);
  }

  private constructor(server: FakeArtifactServer, stateDir: string, identity: Identity, root: string) {
    this.server = server;
    this.stateDir = stateDir;
    this.root = root;
    this.parts = {
      paths: environmentPaths(root),
      fetch: {
        servers: [server.address],
        identity: () => Promise.resolve(identity),
        now: () => new Date(),
        wait: () => Promise.resolve(),
        random: () => 0.5,
      },
      user: undefined,
      program: agentProgram,
      signal: new AbortController().signal,
      findUsers: (prefixes) =>
        Promise.resolve(this.users.filter(({ paths }) => paths.some((path) => prefixes.some((one) => path.startsWith(one))))),
      onStep: (step) => void this.steps.push(step),
      sync: () => Promise.resolve(),
    };
  }

  async ensure(task: EnsureEnvironment, parts: Partial<EngineParts> = {}): Promise<{ message: string; listing: PackageListing }> {
    const { message, output } = await performTask(task, { ...this.parts, ...parts });
    return { message, listing: JSON.parse(output) as PackageListing };
  }

  remove(name: string, force = false): Promise<{ message: string }> {
    return performTask({ kind: 'environment', action: 'remove', name, force }, this.parts);
  }

  /** The folder that is in use; undefined where there is none. */
  inUse(name: string): string | undefined {
    const link = join(this.root, name, 'current');
    return existsSync(link) ? readlinkSync(link) : undefined;
  }

  file(name: string, ...path: string[]): string {
    return readFileSync(join(this.root, name, ...path), 'utf8');
  }

  names(...path: string[]): string[] {
    const folder = join(this.root, ...path);
    return existsSync(folder) ? readdirSync(folder).toSorted() : [];
  }
}
