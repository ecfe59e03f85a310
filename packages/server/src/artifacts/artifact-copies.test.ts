import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Artifact, Member } from '@muster/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keptLog } from '../../test/kept-log.ts';
import { ArtifactCopies } from './artifact-copies.ts';
import { ArtifactFiles } from './artifact-files.ts';

const content = randomBytes(10_000_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const artifact = { sha256, name: 'big.tar', sizeBytes: content.length } as Artifact;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-copies-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Machine = { readonly id: string; readonly files: ArtifactFiles; readonly copies: ArtifactCopies; readonly asked: string[] };

/** A pool of members with a disk each. `gives` is what a member answers with. */
function pool(names: readonly string[], gives: (from: number) => Buffer = (from) => content.subarray(from)) {
  const there = new Set(names);
  const { log, lines } = keptLog();
  const machines = new Map<string, Machine>();
  for (const id of names) {
    const files = new ArtifactFiles(join(folder, id));
    const asked: string[] = [];
    const channel = {
      others: () => [...there].filter((one) => one !== id).map((one) => ({ id: one, name: one, startedAt: 'then' }) as Member),
      hasArtifact: async (other: string) => {
        asked.push(other);
        return (await machines.get(other)?.files.find(sha256)) !== undefined;
      },
      readArtifact: async (_other: string, _sha256: string, from: number) => Readable.from([gives(from)]) as unknown as IncomingMessage,
    };
    const store = {
      artifacts: {
        list: async () => ({ items: [artifact], total: 1 }),
        known: async (all: readonly string[]) => (all[0] === sha256 ? [artifact] : []),
      },
    };
    machines.set(id, { id, files, asked, copies: new ArtifactCopies({ serverId: id, store, files, channel, log }) });
  }
  const all = [...machines.values()];
  const holders = async () => {
    const found = await Promise.all(all.map(async ({ id, files }) => ((await files.find(sha256)) === undefined ? [] : [id])));
    return found.flat();
  };
  const round = async () => {
    for (const { id, copies } of all) if (there.has(id)) await copies.tick();
  };
  const upload = async (id: string) => {
    await machines.get(id)?.files.begin(artifact);
    await machines.get(id)?.files.append(artifact, 0, content);
  };
  return { all, there, lines, holders, round, upload, machine: (id: string) => machines.get(id) as Machine };
}

describe('an artifact', () => {
  it('is on two members after a round, on no third, and on another one when a holder is lost', async () => {
    const { there, holders, round, upload, all } = pool(['m1', 'm2', 'm3']);
    await upload('m1');
    await round();
    const two = await holders();
    expect(two).toHaveLength(2);
    await round();
    expect(await holders()).toEqual(two);
    const asked = all.map((one) => one.asked.length);
    await round();
    // Who has it is asked once.
    expect(all.map((one) => one.asked.length)).toEqual(asked);
    there.delete(two.find((id) => id !== 'm1') ?? '');
    await round();
    expect(await holders()).toEqual(['m1', 'm2', 'm3']);
    expect(readFileSync(join(folder, 'm3', 'artifacts', sha256)).equals(content)).toBe(true);
  });

  it('stays alone where there is nobody else, or nobody has it', async () => {
    const alone = pool(['m1']);
    await alone.upload('m1');
    await alone.round();
    expect(alone.lines).toEqual([]);
    const lost = pool(['m4', 'm5']);
    await lost.round();
    expect(await lost.holders()).toEqual([]);
  });

  it('that a node wants is fetched at once, by as many members as are asked for it', async () => {
    const { holders, upload, machine } = pool(['m1', 'm2', 'm3']);
    await upload('m1');
    expect(await machine('m2').copies.fetches('f'.repeat(64))).toBe(false);
    expect([await machine('m2').copies.fetches(sha256), await machine('m3').copies.fetches(sha256)]).toEqual([true, true]);
    await vi.waitFor(async () => expect(await holders()).toHaveLength(3));
  });

  it('of which only a part came is gone on with, and one that is not what it says is not kept', async () => {
    const froms: number[] = [];
    const cut = pool(['m1', 'm2'], (from) => {
      froms.push(from);
      return content.subarray(from, from + 6_000_000);
    });
    await cut.upload('m1');
    await cut.round();
    expect(cut.lines.at(-1)?.fields).toMatchObject({ error: 'Error: the answer ended early' });
    await cut.round();
    expect([froms, await cut.holders()]).toEqual([
      [0, 6_000_000],
      ['m1', 'm2'],
    ]);
    const wrong = pool(['m3', 'm4'], () => randomBytes(content.length));
    await wrong.upload('m3');
    await wrong.round();
    expect(await wrong.holders()).toEqual(['m3']);
  });
});
