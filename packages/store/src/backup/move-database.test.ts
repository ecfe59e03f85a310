import { runSql, withDatabase } from '@muster/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { contentOf, fillSql, type TestConnection } from '../../test/backup-databases.ts';
import { silentLog } from '../../test/builders.ts';
import { openStore } from '../store.ts';
import { moveDatabase, type MoveOptions } from './move-database.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUps.splice(0).toReversed()) await end();
});

async function filled(): Promise<TestConnection> {
  const connection = await withDatabase();
  await (await openStore({ connection, log: silentLog })).close();
  await runSql(connection, fillSql);
  return connection;
}

/** Moves, and tells how often a name was kept. */
async function move(from: TestConnection, to: TestConnection, more: Partial<MoveOptions> = {}) {
  const kept: string[] = [];
  const keepName = async () => void kept.push(more.name ?? 'one');
  const outcome = await moveDatabase({ from, to, name: 'one', keepName, log: silentLog, version: '0.1.0', ...more }).catch(
    (error: unknown) => error,
  );
  return { kept, outcome };
}

describe('a move', () => {
  it('brings everything, and keeps its name before it writes', async () => {
    const [source, target] = [await filled(), await withDatabase()];
    const { kept, outcome } = await move(source, target);
    expect(outcome).toMatchObject({ rows: expect.any(Number) as number });
    expect(kept).toEqual(['one']);
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it('is repeated under its own name, and refused under another one', async () => {
    const [source, target] = [await filled(), await withDatabase()];
    await move(source, target);
    await runSql(source, "insert into nodes (name) values ('late')");
    expect(await move(source, target, { name: 'two' })).toMatchObject({ kept: [], outcome: { code: 'not-empty' } });
    expect(await contentOf(target)).not.toEqual(await contentOf(source));
    expect((await move(source, target)).kept).toEqual(['one']);
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it("leaves somebody else's database alone after an attempt that wrote nothing", async () => {
    const [source, target] = [await filled(), await filled()];
    const before = await contentOf(target);
    for (let round = 0; round < 2; round++) expect(await move(source, target)).toMatchObject({ kept: [], outcome: { code: 'not-empty' } });
    expect(await contentOf(target)).toEqual(before);
  });

  it('keeps no name where the target is in use or has tables of others', async () => {
    const source = await filled();
    const used = await withDatabase();
    const store = await openStore({ connection: used, log: silentLog });
    cleanUps.push(() => store.close());
    await store.ready();
    expect(await move(source, used)).toMatchObject({ kept: [], outcome: { code: 'in-use' } });
    const foreign = await withDatabase();
    await runSql(foreign, 'create table payroll (id integer)');
    expect(await move(source, foreign)).toMatchObject({ kept: [], outcome: { code: 'foreign-tables' } });
  });

  it('that fails after the name was kept leaves nothing that this name could replace', async () => {
    const [source, target] = [await filled(), await withDatabase()];
    const keepName = () => Promise.reject(new Error('no room for the name'));
    expect(await move(source, target, { keepName })).toMatchObject({ outcome: { message: 'no room for the name' } });
    expect(await contentOf(target)).toEqual({});
  });
});
