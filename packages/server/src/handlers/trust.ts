import { problem, type Session } from '@muster/api';
import type { NewStoredAuthority, Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { meantByRange } from '../ranges/resolve-range.ts';
import { authorityStatus } from '../trust/authority-status.ts';
import { stepAuthority } from '../trust/step-authority.ts';
import { requireWholeInstallation } from '../permissions/require-whole-installation.ts';
import { refuseNodes } from './refuse-nodes.ts';

export type TrustHandlerParts = {
  readonly store: Store;
  /** Makes a new authority, its keys sealed. */
  readonly makeAuthority: () => Promise<NewStoredAuthority>;
  /** Takes over what a step has changed, before the step is answered. */
  readonly refreshAuthorities: () => Promise<void>;
};

type TrustRoutes = 'listAllCertificates' | 'revokeCertificates' | 'getAuthority' | 'stepAuthority';

/** Certificates of all nodes, and the authority. */
export function trustHandlers(parts: TrustHandlerParts): Pick<Handlers, TrustRoutes> {
  const { store } = parts;
  return {
    listAllCertificates: async ({ query: { range, state, limit, offset } }) =>
      store.certificates.list({
        limit,
        offset,
        ...(state === undefined ? {} : { state }),
        ...(range === undefined ? {} : { nodeIds: (await meantByRange(store, range)).map(({ id }) => id) }),
      }),
    revokeCertificates: async ({ body, session }) => {
      const { of, reason } = body;
      if ('node' in of) return revokeOfNode(store, session, of.node, reason);
      return revokeSerial(store, session, of.serial, reason);
    },
    getAuthority: () => authorityStatus(store),
    stepAuthority: async ({ body, session }) => {
      requireWholeInstallation(session);
      await stepAuthority(parts, { ...body, by: session?.name ?? '' });
      await parts.refreshAuthorities();
      return authorityStatus(store);
    },
  };
}

/** Whoever may remove a node may also take its certificates away: both put it out at once. */
async function requireMayPutOut(store: Store, session: Session | undefined, nodeIdOrName: string): Promise<void> {
  refuseNodes(session, 'remove', [await store.nodes.get(nodeIdOrName)]);
}

async function revokeOfNode(store: Store, session: Session | undefined, nodeIdOrName: string, reason: string) {
  await requireMayPutOut(store, session, nodeIdOrName);
  const { nodeName, serials } = await store.certificates.revokeAll(nodeIdOrName, reason);
  return { nodeName, serials };
}

async function revokeSerial(store: Store, session: Session | undefined, serial: string, reason: string) {
  const status = await store.certificates.status(serial);
  if (status === undefined)
    throw problem('not-found', `No certificate with the serial ${serial} was issued here. List them: muster certificates.`);
  if (status.nodeExists) await requireMayPutOut(store, session, status.nodeId);
  const isNew = await store.certificates.revoke(serial, reason);
  return { nodeName: status.nodeName, serials: isNew ? [serial] : [] };
}
