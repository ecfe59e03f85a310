import { createHash, randomBytes } from 'node:crypto';
import { encodeJoinToken, type JoinToken, type Session } from '@muster/api';
import { joinInstructions } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { refuseNodes } from './refuse-nodes.ts';
import { whoIs } from '../permissions/who-is.ts';

export type JoinTokenParts = {
  readonly store: Pick<Store, 'nodes' | 'enrolment'>;
  /** Of the authority that signs now. */
  readonly caFingerprint: () => string;
  readonly agentAddresses: () => readonly string[];
  readonly joinTokenMinutes: number;
};

/** Tokens with which machines become nodes. */
export function joinTokenHandlers(parts: JoinTokenParts): Pick<Handlers, 'makeJoinToken' | 'reissueNode'> {
  return {
    makeJoinToken: ({ params, session }) => make(parts, params.node, session, 'join'),
    reissueNode: ({ params, session }) => make(parts, params.node, session, 'reissue'),
  };
}

async function make(parts: JoinTokenParts, asked: string, session: Session | undefined, action: 'join' | 'reissue'): Promise<JoinToken> {
  const { store, caFingerprint, agentAddresses, joinTokenMinutes } = parts;
  const node = await store.nodes.get(asked);
  refuseNodes(session, action, [node]);
  const secret = randomBytes(24).toString('base64url');
  const secretSha256 = createHash('sha256').update(secret).digest('hex');
  const lifetimeSeconds = joinTokenMinutes * 60;
  const { nodeId, nodeName, expiresAt } =
    action === 'join'
      ? await store.enrolment.makeToken(node.id, secretSha256, lifetimeSeconds)
      : await store.enrolment.reissue(node.id, secretSha256, lifetimeSeconds, whoIs(session));
  const token = encodeJoinToken({ name: nodeName, secret, caFingerprint: caFingerprint(), servers: agentAddresses() });
  return { nodeId, token, expiresAt, ...joinInstructions(nodeName, token, expiresAt) };
}
