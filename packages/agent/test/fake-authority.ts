import { serverIdentity } from '@muster/api/agent';
import { createAuthority, makeKeyAndCsr, openAuthority, type Authority } from '@muster/trust';

/** A real authority made for a test, with a server's key and chain. The root stands at the end of the chain, as servers present it. */
export type FakeAuthority = {
  readonly authority: Authority;
  readonly serverKeyPem: string;
  readonly serverChainPem: string;
  /** Signs a node's request as if it were `ageMs` ago. */
  readonly signNode: (parts: { csrPem: string; nodeId: string; nodeName: string; ageMs?: number }) => Promise<string>;
};

const hourDays = 1 / 24;

export async function makeFakeAuthority(): Promise<FakeAuthority> {
  const longAgo = new Date(Date.now() - 10 * 86_400_000);
  const authority = await openAuthority(await createAuthority({ name: 'Test', now: longAgo }));
  const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: serverIdentity });
  const server = await authority.signServer({ csrPem, dnsNames: [], ipAddresses: ['127.0.0.1'], lifetimeDays: 1, now: new Date() });
  return {
    authority,
    serverKeyPem: keyPem,
    serverChainPem: server.chainPem + authority.rootPem,
    signNode: async ({ csrPem: nodeCsrPem, nodeId, nodeName, ageMs = 0 }) => {
      const now = new Date(Date.now() - ageMs);
      const issued = await authority.signNode({ csrPem: nodeCsrPem, nodeId, nodeName, addresses: [], lifetimeDays: hourDays, now });
      return issued.chainPem;
    },
  };
}
