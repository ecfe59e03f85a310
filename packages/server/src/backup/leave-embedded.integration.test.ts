import { access, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@muster/store';
import { reachableFolder, runSql, withDatabase } from '@muster/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { keptLog } from '../../test/kept-log.ts';
import { loadConfig } from '../config/load-config.ts';
import { openDatabase } from '../database.ts';
import { systemClock } from '../system-clock.ts';
import { leaveEmbedded } from './leave-embedded.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUps.splice(0).toReversed()) await end();
});

type Target = Awaited<ReturnType<typeof withDatabase>>;

/** An installation with one node in its embedded database. */
async function embedded(node: string) {
  const dataDir = await reachableFolder();
  cleanUps.push(() => rm(dataDir, { recursive: true, force: true }));
  const { log } = keptLog();
  const environment = { MUSTER_DATA_DIR: dataDir };
  const database = await openDatabase(loadConfig({ environment }), systemClock, log);
  await (await openStore({ connection: database.connection, log })).close();
  await runSql(database.connection as Target, `insert into nodes (name) values ('${node}')`);
  await database.stop();
  const configFor = (target: Target) => loadConfig({ environment: { ...environment, MUSTER_DATABASE_URL: urlOf(target) } });
  const leave = (target: Target) => leaveEmbedded({ config: configFor(target), log });
  const has = (name: string) => access(join(dataDir, name)).then(() => true, () => false); // prettier-ignore
  return { dataDir, log, configFor, leave, has, mark: join(dataDir, 'database-move') };
}

const urlOf = ({ host, user, database }: Target): string => `postgresql://${user}@/${database}?host=${encodeURIComponent(host)}`;

const nodesOf = async (target: Target) => (await runSql(target, 'select name from nodes order by 1')).map(({ name }) => name);

/** A database in which another installation lives. */
async function foreign(): Promise<Target> {
  const target = await withDatabase();
  await (await openStore({ connection: target, log: keptLog().log })).close();
  await runSql(target, "insert into nodes (name) values ('theirs')");
  return target;
}

describe('a server that leaves its embedded database', () => {
  it('drops no database of somebody else, whatever an earlier attempt left behind', async () => {
    const one = await embedded('ours');
    const target = await foreign();
    await expect(one.leave(target)).rejects.toMatchObject({ code: 'not-empty' });
    expect(await one.has('database-move')).toBe(false);
    // As after a kill in a move into another database, whose URL was corrected since.
    await writeFile(one.mark, '00000000-0000-4000-8000-000000000000');
    await expect(one.leave(target)).rejects.toMatchObject({ code: 'not-empty' });
    expect(await nodesOf(target)).toEqual(['theirs']);
  });

  it('goes on after a kill between the commit and the new name, until a server has used the other database', async () => {
    const one = await embedded('ours');
    const target = await withDatabase();
    expect(await one.leave(target)).toMatchObject({ moved: true });
    expect(await one.has('database-move')).toBe(false);
    expect(await readdir(one.dataDir)).toContain('postgres-before-move');
    expect(await one.leave(target)).toMatchObject({ moved: false });
    // Back to where the kill would have left it.
    const [{ comment } = {}] = await runSql(target, "select obj_description('schema_migrations'::regclass, 'pg_class') as comment");
    const name = String(comment).replace('moved here: ', '');
    const backToTheKill = async () => {
      await rename(join(one.dataDir, 'postgres-before-move'), join(one.dataDir, 'postgres'));
      await writeFile(one.mark, name);
    };
    await backToTheKill();
    expect(await one.leave(target)).toMatchObject({ moved: true });
    expect(await nodesOf(target)).toEqual(['ours']);
    await backToTheKill();
    expect(await readFile(one.mark, 'utf8')).toBe(name);
    await (await openDatabase(one.configFor(target), systemClock, one.log)).stop();
    await expect(one.leave(target)).rejects.toMatchObject({ code: 'not-empty' });
  });
});
