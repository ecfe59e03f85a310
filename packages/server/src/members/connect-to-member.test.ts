import { createServer as createPlain, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { createAuthority, openAuthority } from '@muster/trust';
import { afterEach, describe, expect, it } from 'vitest';
import { makeServerIdentity } from '../identity/server-identity.ts';
import { connectToMember, MemberSilent, type MemberKeys } from './connect-to-member.ts';

const authority = await openAuthority(await createAuthority({ name: 'Test', now: new Date() }));
const identity = (serverId?: string) => makeServerIdentity(authority, ['127.0.0.1'], new Date(), serverId);
const keys: MemberKeys = { ...(await identity('driver1')), roots: [authority] };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const addressOf = async (server: Server): Promise<string> => {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};
/** The agents' door of a server, as far as its certificate goes. */
const door = async (serverId?: string) => {
  const { keyPem: key, chainPem } = await identity(serverId);
  return addressOf(createServer({ key, cert: chainPem + authority.rootPem }, (socket) => socket.on('error', () => undefined)));
};
const silent = () => addressOf(createPlain((socket) => socket.on('error', () => undefined)));
const connect = (agentAddresses: string[], patienceMs = 2000) =>
  connectToMember({ id: 'driver2', name: 'driver2', agentAddresses }, keys, patienceMs);

describe('a connection to a member', () => {
  it('is made at whichever of its addresses answers', async () => {
    const socket = await connect(['127.0.0.1:1', await silent(), 'nonsense', await door('driver2')]);
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });

  it.each([
    ['of another member', 'driver3'],
    ['of a release that does not say which it is', undefined],
  ])('is not made to the door %s', async (_what, serverId) => {
    await expect(connect([await door(serverId)])).rejects.not.toBeInstanceOf(MemberSilent);
  });

  it('is given up at once where all refuse, and after its time where one says nothing', async () => {
    await expect(connect(['127.0.0.1:1'])).rejects.not.toBeInstanceOf(MemberSilent);
    await expect(connect([])).rejects.not.toBeInstanceOf(MemberSilent);
    await expect(connect(['127.0.0.1:1', await silent()], 200)).rejects.toBeInstanceOf(MemberSilent);
  });
});
