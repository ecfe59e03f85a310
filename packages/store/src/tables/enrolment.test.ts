import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, query, sha256, signed } from '../../test/builders.ts';
import { ActionRefused, NodeNotFound } from '../errors.ts';
import type { RedeemRequest } from './enrolment.ts';

const atOnce = { seconds: 0, longestSeconds: 0 };

async function withToken(name = 'worker1') {
  const { store, connection } = await withStore();
  const node = await store.nodes.add(nodeCreate(name, { privateIp: '10.0.0.1' }));
  let serials = 0;
  const request = (rest: Partial<RedeemRequest> = {}): RedeemRequest => ({
    nodeName: name,
    secretSha256: sha256('token'),
    spkiSha256: sha256('key'),
    sign: () => Promise.resolve(signed(`serial${(serials += 1)}`)),
    ...rest,
  });
  await store.enrolment.makeToken(node.id, sha256('token'), 1800);
  return { store, connection, node, request, signedSoFar: () => serials };
}

describe('makeToken', () => {
  it('says when the token ends by the clock of the database, and announces it without the secret', async () => {
    const { store, node } = await withToken();
    const made = await store.enrolment.makeToken('worker1', sha256('other'), 60);
    expect(made).toMatchObject({ nodeId: node.id, nodeName: 'worker1' });
    expect(Date.parse(made.expiresAt) - Date.now()).toBeGreaterThan(50_000);
    expect(Date.parse(made.expiresAt) - Date.now()).toBeLessThan(70_000);
    const [event] = await store.events.list({ limit: 1 });
    expect(event).toMatchObject({ kind: 'join-token-made', nodeId: node.id });
    expect(JSON.stringify(event)).not.toContain(sha256('other'));
  });

  it('ends the earlier ones of the node, and no other node’s', async () => {
    const { store, request } = await withToken();
    await store.nodes.add(nodeCreate('worker2'));
    await store.enrolment.makeToken('worker2', sha256('second'), 60);
    await store.enrolment.makeToken('worker1', sha256('later'), 60);
    expect(await store.enrolment.redeem(request())).toMatchObject({ ok: false, reason: 'ended' });
    expect(await store.enrolment.redeem(request({ secretSha256: sha256('later') }))).toMatchObject({ ok: true });
    expect(await store.enrolment.redeem(request({ nodeName: 'worker2', secretSha256: sha256('second') }))).toMatchObject({ ok: true });
  });

  it('leaves one token of several that are made at the same time', async () => {
    const { store, connection } = await withToken();
    await Promise.all(Array.from({ length: 10 }, (_, i) => store.enrolment.makeToken('worker1', sha256(`token${i}`), 60)));
    expect(await query(connection, 'select from join_tokens where ended_at is null')).toHaveLength(1);
  });

  it('refuses one for no node', async () => {
    const { store } = await withToken();
    await expect(store.enrolment.makeToken('nobody', sha256('x'), 60)).rejects.toThrow(NodeNotFound);
  });
});

describe('redeem', () => {
  it('gives the certificate, registers the node and announces both', async () => {
    const { store, node, request } = await withToken();
    const asked: unknown[] = [];
    const sign: RedeemRequest['sign'] = (enrolling) => {
      asked.push(enrolling);
      return Promise.resolve(signed('01'));
    };
    const outcome = await store.enrolment.redeem(request({ sign }));
    expect(outcome).toEqual({ ok: true, nodeId: node.id, nodeName: 'worker1', serial: '01', chainPem: 'chain of 01', repeated: false });
    expect(asked).toEqual([{ id: node.id, name: 'worker1', privateIp: '10.0.0.1', publicIp: null }]);
    const registered = await store.nodes.get(node.id);
    expect(registered.registration).toBe('registered');
    expect(registered.registeredAt).not.toBeNull();
    expect(await store.certificates.status('01')).toMatchObject({ nodeId: node.id, revoked: false });
    const kinds = (await store.events.list({ nodeId: node.id, limit: 10 })).map((event) => event.kind);
    expect(kinds).toEqual(['certificate-issued', 'node-registered', 'join-token-made', 'node-added']);
  });

  it('lets exactly one of fifty agents win', async () => {
    const { store, node, request, signedSoFar } = await withToken();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => store.enrolment.redeem(request({ spkiSha256: sha256(`key${i}`) }))),
    );
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(new Set(outcomes.map((outcome) => (outcome.ok ? 'won' : outcome.reason)))).toEqual(new Set(['won', 'used']));
    expect(await store.certificates.byNode(node.id)).toHaveLength(1);
    expect(signedSoFar()).toBe(1);
  });

  it('gives the winner the same certificate again, however often it asks', async () => {
    const { store, node, request, signedSoFar } = await withToken();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => store.enrolment.redeem(request())));
    expect(new Set(outcomes.map((outcome) => outcome.ok && outcome.chainPem))).toEqual(new Set(['chain of serial1']));
    expect(outcomes.filter((outcome) => outcome.ok && !outcome.repeated)).toHaveLength(1);
    expect(await store.enrolment.redeem(request())).toMatchObject({ ok: true, serial: 'serial1', repeated: true });
    expect(signedSoFar()).toBe(1);
    expect((await store.events.list({ nodeId: node.id, limit: 50 })).filter((event) => event.kind === 'node-registered')).toHaveLength(1);
  });

  it('refuses what is not known, for another node, or over', async () => {
    const { store, connection, request, signedSoFar } = await withToken();
    const reason = async (rest: Partial<RedeemRequest>) => {
      const outcome = await store.enrolment.redeem(request(rest));
      return outcome.ok ? 'given' : outcome.reason;
    };
    expect(await reason({ secretSha256: sha256('guess') })).toBe('unknown');
    expect(await reason({ nodeName: 'worker2' })).toBe('wrong-name');
    expect(await reason({ nodeName: 'worker2\u0000' })).toBe('wrong-name');
    await query(connection, "update join_tokens set expires_at = now() - interval '1 second'");
    expect(await reason({})).toBe('expired');
    expect(signedSoFar()).toBe(0);
  });

  it('repeats nothing once the token has expired, the certificate is revoked or the node is gone', async () => {
    const { store, connection, node, request } = await withToken();
    await store.enrolment.redeem(request());
    await query(connection, "update join_tokens set expires_at = now() - interval '1 second'");
    expect(await store.enrolment.redeem(request())).toMatchObject({ ok: false, reason: 'expired' });
    await query(connection, "update join_tokens set expires_at = now() + interval '1 minute'");
    await store.certificates.revoke('serial1', 'lost');
    expect(await store.enrolment.redeem(request())).toMatchObject({ ok: false, reason: 'used' });
    await store.nodes.remove(node.id);
    expect(await store.enrolment.redeem(request())).toMatchObject({ ok: false, reason: 'unknown' });
  });

  it('leaves the token as it was when signing fails', async () => {
    const { store, node, request } = await withToken();
    const failing = store.enrolment.redeem(request({ sign: () => Promise.reject(new Error('no key')) }));
    await expect(failing).rejects.toThrow('no key');
    expect((await store.nodes.get(node.id)).registration).toBe('pending');
    expect(await store.enrolment.redeem(request())).toMatchObject({ ok: true, repeated: false });
  });

  it('gives the name of a registered node to nobody else, whatever token there is', async () => {
    const { store, connection, request } = await withToken();
    await store.enrolment.redeem(request());
    // Made while nothing was proven yet, as by a second administrator: the first machine is heard before it is used.
    await store.enrolment.makeToken('worker1', sha256('meanwhile'), 60);
    await store.certificates.prove('serial1', atOnce);
    const old = "insert into join_tokens (secret_sha256, node_id, expires_at) select $1, id, now() + interval '1 hour' from nodes";
    await query(connection, old, [sha256('old')]);
    for (const token of ['meanwhile', 'old']) {
      const outcome = await store.enrolment.redeem(request({ secretSha256: sha256(token), spkiSha256: sha256('another') }));
      expect(outcome).toMatchObject({
        ok: false,
        reason: 'already-registered',
        message: expect.stringContaining('muster node reissue worker1'),
      });
    }
    const made = store.enrolment.makeToken('worker1', sha256('fresh'), 60);
    await expect(made).rejects.toThrow(ActionRefused);
    await expect(made).rejects.toThrow(/muster node reissue worker1/u);
    expect((await store.nodes.get('worker1')).certificateSerial).toBe('serial1');
  });

  it('begins anew where no heartbeat ever proved the first enrolment', async () => {
    const { store, request } = await withToken();
    await store.enrolment.redeem(request());
    await store.enrolment.makeToken('worker1', sha256('fresh'), 60);
    const again = await store.enrolment.redeem(request({ secretSha256: sha256('fresh'), spkiSha256: sha256('new key') }));
    expect(again).toMatchObject({ ok: true, serial: 'serial2', repeated: false });
    await store.certificates.prove('serial2', atOnce);
    expect((await store.certificates.retireDue()).map((one) => one.serial)).toEqual(['serial1']);
  });

  it('does not hang or deadlock against changes of the same node', async () => {
    const { store, request } = await withToken();
    for (let round = 0; round < 5; round += 1) {
      await store.nodes.add(nodeCreate(`node${round}`));
      const secretSha256 = sha256(`secret${round}`);
      await store.enrolment.makeToken(`node${round}`, secretSha256, 60);
      const settled = await Promise.allSettled([
        store.enrolment.redeem(request({ nodeName: `node${round}`, secretSha256 })),
        store.nodes.remove(`node${round}`),
        store.enrolment.makeToken(`node${round}`, sha256(`later${round}`), 60),
      ]);
      const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(failures.every((failure) => failure instanceof NodeNotFound)).toBe(true);
    }
    const unrevoked = (await store.events.list({ limit: 1000 })).filter((event) => event.kind === 'certificate-issued');
    for (const event of unrevoked) expect((await store.certificates.status(String(event.data['serial'])))?.revoked).toBe(true);
  });
});

describe('reissue', () => {
  it('revokes at once, makes a token, and tells of all of it', async () => {
    const { store, node, request } = await withToken();
    await store.enrolment.redeem(request());
    await store.certificates.prove('serial1', atOnce);
    await store.enrolment.redeem(request({ secretSha256: sha256('nothing') }));
    const made = await store.enrolment.reissue('worker1', sha256('fresh'), 60, 'ada');
    expect(made).toMatchObject({ nodeId: node.id, nodeName: 'worker1' });
    expect(await store.certificates.status('serial1')).toMatchObject({ revoked: true, reason: 'reissued', nodeExists: true });
    expect(await store.nodes.get('worker1')).toMatchObject({ registration: 'pending', certificateSerial: null, id: node.id });
    const events = (await store.events.list({ nodeId: node.id, limit: 3 })).toReversed();
    expect(events.map(({ kind }) => kind)).toEqual(['certificate-revoked', 'node-reissued', 'join-token-made']);
    expect(events[0]?.data).toEqual({ serial: 'serial1', reason: 'reissued' });
    expect(events[1]).toMatchObject({ severity: 'warning', message: expect.stringContaining('reissued by ada'), data: { by: 'ada' } });
    expect(JSON.stringify(events)).not.toContain(sha256('fresh'));
  });

  it('lets the new machine in and the old one out, also with the token of before', async () => {
    const { store, request } = await withToken();
    await store.enrolment.redeem(request());
    await store.certificates.prove('serial1', atOnce);
    await store.enrolment.reissue('worker1', sha256('fresh'), 60, 'ada');
    expect(await store.enrolment.redeem(request())).toMatchObject({ ok: false, reason: 'used' });
    expect(await store.certificates.prove('serial1', atOnce)).toBe(false);
    const again = await store.enrolment.redeem(request({ secretSha256: sha256('fresh'), spkiSha256: sha256('new key') }));
    expect(again).toMatchObject({ ok: true, serial: 'serial2' });
    await store.certificates.prove('serial2', atOnce);
    expect(await store.nodes.get('worker1')).toMatchObject({ registration: 'registered', certificateSerial: 'serial2' });
  });

  it('may be said again, for a token that ran out, by way of an ordinary one', async () => {
    const { store, request } = await withToken();
    await store.enrolment.redeem(request());
    await store.certificates.prove('serial1', atOnce);
    await store.enrolment.reissue('worker1', sha256('one'), 60, 'ada');
    await store.enrolment.makeToken('worker1', sha256('two'), 60);
    expect(await store.enrolment.redeem(request({ secretSha256: sha256('one') }))).toMatchObject({ ok: false, reason: 'ended' });
    expect(await store.enrolment.redeem(request({ secretSha256: sha256('two') }))).toMatchObject({ ok: true });
  });

  it('is nothing for a node that never enrolled, nor for no node', async () => {
    const { store } = await withToken();
    await expect(store.enrolment.reissue('worker1', sha256('x'), 60, 'ada')).rejects.toThrow('worker1 has not enrolled yet.');
    await expect(store.enrolment.reissue('nobody', sha256('x'), 60, 'ada')).rejects.toThrow(NodeNotFound);
  });

  it('is done once when it is said many times at the same moment', async () => {
    const { store, connection, request } = await withToken();
    await store.enrolment.redeem(request());
    await store.certificates.prove('serial1', atOnce);
    const said = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => store.enrolment.reissue('worker1', sha256(`t${i}`), 60, 'ada')),
    );
    expect(said.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await query(connection, 'select from join_tokens where ended_at is null and used_at is null')).toHaveLength(1);
  });
});
