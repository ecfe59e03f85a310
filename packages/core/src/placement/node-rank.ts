/**
 * A number that belongs to a node and a member: ranks by it are the same everywhere and at any time, differ from node to node, and keep the
 * order of the others when a member comes or goes (D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates", 1998).
 */
export function nodeRank(nodeId: string, memberId: string): number {
  // FNV-1a over both, then the last steps of MurmurHash3, since ids of members often differ in one last character only.
  let hash = 0x811c9dc5;
  for (const text of [nodeId, '\0', memberId])
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
