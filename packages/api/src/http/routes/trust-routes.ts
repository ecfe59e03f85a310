import { z } from 'zod';
import { AuthorityStatus, AuthorityStep } from '../../trust/authority.ts';
import { CertificateList, CertificateRevocation, CertificateState, RevokedCertificates } from '../../trust/certificate.ts';
import { NodeRange } from '../../operation/operation.ts';
import { page, type Route } from '../route.ts';

export const CertificateQuery = z.strictObject({
  /** Only certificates of these nodes. */
  range: NodeRange.optional(),
  /** Only certificates that stand so. Without it those that are accepted now: new, in use, retiring. */
  state: CertificateState.optional(),
  ...page,
});
export type CertificateQuery = z.input<typeof CertificateQuery>;

/** Certificates of all nodes, and the authority that signs them. */
export const trustRoutes = {
  listAllCertificates: {
    method: 'GET',
    path: '/certificates',
    access: 'viewer',
    query: CertificateQuery,
    response: CertificateList,
    status: 200,
    summary: 'Certificates of all nodes, by name and the newest first',
  },
  revokeCertificates: {
    method: 'POST',
    path: '/certificates/revoke',
    access: 'administrator',
    body: CertificateRevocation,
    response: RevokedCertificates,
    status: 200,
    summary: 'Revoke one certificate, or all of a node: refused at once, its connections closed',
  },
  getAuthority: {
    method: 'GET',
    path: '/authority',
    access: 'viewer',
    response: AuthorityStatus,
    status: 200,
    summary: 'The certificate authority, and how far its replacement is',
  },
  stepAuthority: {
    method: 'POST',
    path: '/authority/rotation',
    access: 'administrator',
    body: AuthorityStep,
    response: AuthorityStatus,
    status: 200,
    summary: 'Replace the certificate authority, step by step: begin, next, finish, or rollback',
  },
} as const satisfies Record<string, Route>;
