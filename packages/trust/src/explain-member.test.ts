import { serverIdentity } from '@muster/api/agent';
import { beforeAll, describe, expect, it } from 'vitest';
import { later, makeAuthority, now, type Opened, signedNode } from '../test/authority-fixture.ts';
import { explainMember, type MemberVerdict } from './explain-member.ts';
import { explainPeer } from './explain-peer.ts';
import { makeKeyAndCsr } from './key-and-csr.ts';

let opened: Opened;
let other: Opened;
beforeAll(async () => {
  [opened, other] = await Promise.all([makeAuthority(), makeAuthority()]);
});

const signed = async ({ authority }: Opened, rest: { readonly serverId?: string }): Promise<string> => {
  const { csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
  const names = { dnsNames: ['driver1.example'], ipAddresses: ['10.0.0.2'] };
  return (await authority.signServer({ csrPem, ...names, ...rest, lifetimeDays: 90, now })).certificatePem;
};
const explain = (certificatePem: string, at: Date = now): MemberVerdict => {
  const { rootPem, intermediatePem } = opened.authority;
  return explainMember({ certificatePem, rootPem, intermediatePem, now: at });
};

describe('the certificate of a management server', () => {
  it('says to the others which one it is, and is not a node’s', async () => {
    const certificatePem = await signed(opened, { serverId: 'driver1' });
    expect(explain(certificatePem)).toEqual({ ok: true, serverId: 'driver1' });
    const { rootPem, intermediatePem } = opened.authority;
    expect(explainPeer({ certificatePem, rootPem, intermediatePem, now })).toMatchObject({ ok: false, reason: 'not-a-node' });
  });

  it('is refused without an id, of another authority, and when it has ended', async () => {
    expect(explain(await signed(opened, {}))).toMatchObject({ reason: 'not-a-server' });
    expect(explain(await signed(other, { serverId: 'driver1' }))).toMatchObject({ reason: 'wrong-authority' });
    expect(explain(await signed(opened, { serverId: 'driver1' }), later(91))).toMatchObject({ reason: 'expired' });
    expect(explain('nothing')).toMatchObject({ reason: 'malformed' });
  });

  it('is not made for an id that is none', async () => {
    await expect(signed(opened, { serverId: 'a b' })).rejects.toMatchObject({ code: 'invalid-server-id' });
  });

  it('is not what a node or a machine of the pool’s database has', async () => {
    expect(explain((await signedNode(opened.authority)).certificatePem)).toMatchObject({ reason: 'not-a-server' });
    const { csrPem } = await makeKeyAndCsr({ nodeName: 'driver1' });
    const machine = { csrPem, memberName: 'driver1', ipAddresses: [], lifetimeDays: 90, now };
    expect(explain((await opened.authority.signMember(machine)).certificatePem)).toMatchObject({ reason: 'not-a-server' });
  });
});
