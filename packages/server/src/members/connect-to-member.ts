import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import { authorityHint, type Member, serverIdentity, serverUri } from '@muster/api';

/** By what this server shows the others who it is, and knows them. */
export type MemberKeys = {
  readonly keyPem: string;
  readonly chainPem: string;
  /** Of the authorities in force, the one first that signs. */
  readonly roots: readonly { readonly rootPem: string; readonly fingerprint: string }[];
};

/** A member was asked, and did not answer in its time. */
export class MemberSilent extends Error {
  override readonly name = 'MemberSilent';
}

/**
 * A connection to a member through its agents' door: whichever of its addresses answers first, and only of that member. It is the caller's to
 * close. @throws MemberSilent; Error where all addresses refuse
 */
export async function connectToMember(
  { id, name, agentAddresses }: Pick<Member, 'id' | 'name' | 'agentAddresses'>,
  keys: MemberKeys,
  patienceMs: number,
): Promise<TLSSocket> {
  const begun = agentAddresses.map((address) => begin(address, id, keys));
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => silence.reject(new MemberSilent(`${name} did not answer within ${patienceMs / 1000} s`)), patienceMs);
  let taken: TLSSocket | undefined;
  try {
    taken = await Promise.race([Promise.any(begun.map(secured)), silence.promise]);
    return taken;
  } finally {
    clearTimeout(timer);
    for (const socket of begun) if (socket !== taken) socket?.destroy();
  }
}

function begin(address: string, id: string, { keyPem: key, chainPem: cert, roots }: MemberKeys): TLSSocket | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/u.exec(address) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) return undefined;
  const socket = connect({
    host,
    port: Number(port),
    key,
    cert,
    ca: roots.map(({ rootPem }) => rootPem),
    // Shown is then a certificate of an authority that this server knows, also while another replaces it.
    servername: authorityHint(roots[0]?.fingerprint ?? ''),
    // Several members may be reached by one name: what another one answers would be taken for this one's.
    checkServerIdentity: (_asked, certificate) =>
      checkServerIdentity(serverIdentity, certificate) ??
      (certificate.subjectaltname?.split(', ').includes(`URI:${serverUri(id)}`) === true
        ? undefined
        : new Error(`at ${address} another server answers`)),
  });
  // Whoever waits is told below; one that lost the race has nobody who waits.
  socket.on('error', () => undefined);
  return socket;
}

function secured(socket: TLSSocket | undefined): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (socket === undefined) return reject(new Error('not an address'));
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
}
