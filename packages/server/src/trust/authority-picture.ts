import type { Laggard } from '@muster/api';
import { type AuthorityRotation, nodeLag, serverLag } from '@muster/core';
import type { AuthorityPicture, NodeRoots, StoredAuthority } from '@muster/store';
import { fingerprintOf } from '@muster/trust';

/** Which authorities a node trusts, by what its agent said of their roots. */
function trustsOf({ roots }: NodeRoots, authorities: readonly StoredAuthority[]): number[] {
  return authorities.filter(({ root }) => roots.includes(fingerprintOf(root.certificatePem))).map((one) => one.generation);
}

/** Everyone who lacks something before the next step of a replacement, nodes first. */
export function laggards(rotation: AuthorityRotation, { state, nodes, servers }: AuthorityPicture): Laggard[] {
  const ofNodes = nodes.flatMap((node): Laggard[] => {
    const { nodeName: name, certificateOf, connected } = node;
    const lacks = nodeLag(rotation, { nodeName: name, certificateOf, trusts: trustsOf(node, state.authorities) });
    return lacks === undefined ? [] : [{ kind: 'node', name, lacks, connected }];
  });
  const ofServers = servers.flatMap((server): Laggard[] => {
    const lacks = serverLag(rotation, server);
    return lacks === undefined ? [] : [{ kind: 'server', name: server.name, lacks, connected: true }];
  });
  return [...ofNodes, ...ofServers];
}
