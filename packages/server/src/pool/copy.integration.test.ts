import { twoDatabases } from '@muster/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { keyClient } from '../../test/key-client.ts';
import { codeOf } from '../../test/people.ts';
import { ask } from '../../test/requests.ts';
import { openServer } from '../../test/server-fixture.ts';
import { othersWork } from './others-work.ts';

/** A server on two real databases, of which the second replicates the first, with a node, a person and a key that know it. */
async function onTwo() {
  const { first, second, stop } = await twoDatabases();
  onTestFinished(stop);
  const placeOf = ({ url }: { url: string }) => new URL(url).host;
  const server = await openServer({ MUSTER_DATABASE_URL: `postgresql://muster@${placeOf(first)},${placeOf(second)}/muster` });
  onTestFinished(() => server.close());
  await server.local.addNode({ body: { name: 'kept' } });
  const person = await server.signIn();
  const { secret } = await person.client.makeKey({ body: { name: 'reader', role: 'viewer' } });
  const level = async () => {
    const [row] = await first.sql('select bool_and(replay_lsn >= pg_current_wal_lsn()) as level from pg_stat_replication');
    expect(row?.['level']).toBe(true);
  };
  return { first, second, server, person, secret, level: () => vi.waitFor(level, { timeout: 30_000 }) };
}

const namesIn = (text: string) => (JSON.parse(text) as { items: { name: string }[] }).items.map(({ name }) => name);

describe('while no database takes writes', { timeout: 180_000 }, () => {
  it('everything can be read, by whoever could before, with its age; changes say why they have to wait', async () => {
    const { first, second, server, person, secret, level } = await onTwo();
    const path = '/api/v1/nodes';
    const bearer = { headers: { authorization: `Bearer ${secret}` } };
    const askAll = () =>
      Promise.all([ask({ socketPath: server.server.socketPath }, path), person.ask(path), ask({ port: server.port }, path, bearer)]);
    for (const answer of await askAll()) expect([answer.status, answer.headers['muster-data-age']]).toEqual([200, undefined]);
    const works = () => othersWork([{ panelUrl: `http://127.0.0.1:${server.port}` }], []);
    expect(await works()).toBe(true);
    // Its next use is due to be noted: reading would write.
    await first.sql(`update api_keys set last_used_at = now() - interval '1 hour'`);
    await level();
    await first.signal('SIGKILL');
    for (const answer of await askAll()) {
      expect([answer.status, namesIn(answer.text)]).toEqual([200, ['kept']]);
      expect(Number(answer.headers['muster-data-age'])).toBeGreaterThan(0);
    }
    expect((await ask({ port: server.port }, path, { headers: { authorization: `Bearer ${secret.slice(0, -1)}x` } })).status).toBe(401);
    expect(await works()).toBe(false);
    expect(await codeOf(server.local.addNode({ body: { name: 'too-early' } }))).toBe('store-unavailable');
    expect(await codeOf(keyClient(server.port, secret).addNode({ body: { name: 'never' } }))).not.toBe(undefined);

    await second.promote();
    await vi.waitFor(() => server.local.addNode({ body: { name: 'later' } }), { timeout: 60_000, interval: 250 });
    await vi.waitFor(
      async () => {
        for (const answer of await askAll()) {
          expect([answer.status, namesIn(answer.text), answer.headers['muster-data-age']]).toEqual([200, ['kept', 'later'], undefined]);
        }
      },
      { timeout: 60_000, interval: 250 },
    );
  });
});
