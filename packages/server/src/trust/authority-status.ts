import { X509Certificate } from 'node:crypto';
import type { AuthorityInfo, AuthorityStatus } from '@muster/api';
import { authorityUse } from '@muster/core';
import type { AuthorityPicture, StoredAuthority, Store } from '@muster/store';
import { fingerprintOf } from '@muster/trust';
import { laggards } from './authority-picture.ts';

/** The authorities in force and how far a replacement is, with everyone who is behind. */
export async function authorityStatus({ authority }: Pick<Store, 'authority'>): Promise<AuthorityStatus> {
  const [state, nodes, servers] = await Promise.all([authority.load(), authority.standings(), authority.servers()]);
  // A server has an authority from its first start on; a database that is just being restored may have none for a moment.
  if (state === null) return { trusted: [], rotation: null };
  const use = authorityUse(state.authorities[0]?.generation ?? 1, state.rotation);
  const infoOf = (generation: number): AuthorityInfo[] =>
    state.authorities.filter((one) => one.generation === generation).map((one) => info(one, use));
  return { trusted: use.trusts.flatMap(infoOf), rotation: rotationOf({ state, nodes, servers }) };
}

function info({ generation, root, intermediate, createdAt }: StoredAuthority, use: { issues: number; shows: number }): AuthorityInfo {
  const ends = [root, intermediate].map(({ certificatePem }) => new X509Certificate(certificatePem).validToDate.getTime());
  return {
    generation,
    fingerprint: fingerprintOf(root.certificatePem),
    createdAt,
    notAfter: new Date(Math.min(...ends)).toISOString(),
    issues: generation === use.issues,
    shows: generation === use.shows,
  };
}

function rotationOf(picture: AuthorityPicture): AuthorityStatus['rotation'] {
  const { rotation } = picture.state;
  if (rotation === null) return null;
  const behind = laggards(rotation, picture);
  const nodesBehind = behind.filter((one) => one.kind === 'node').length;
  return { ...rotation, nodes: picture.nodes.length, caughtUp: picture.nodes.length - nodesBehind, behind };
}
