import { styleText } from 'node:util';
import type { Certificate, CertificateState } from '@muster/api';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { minute } from '../../output/units.ts';

const colours = { new: 'blue', 'in-use': 'green', retiring: 'gray', revoked: 'red', expired: 'red' } as const satisfies Record<
  CertificateState,
  string
>;

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** What a list of certificates shows. A certificate was issued by the last rotation, or by the enrolment where there was none yet. */
export const certificateColumns: Column<Certificate>[] = [
  { title: 'NODE', cell: ({ nodeName }) => printable(nodeName) },
  { title: 'SERIAL', cell: ({ serial }) => serial },
  { title: 'EXPIRES', cell: ({ notAfter }) => minute(notAfter) },
  { title: 'LIFE LEFT', cell: ({ lifeLeft }) => percent(lifeLeft), alignRight: true },
  { title: 'LAST ROTATION', cell: ({ issuedAt }) => minute(issuedAt) },
  { title: 'STATE', cell: ({ state }) => styleText(colours[state], state, { stream: process.stdout }) },
];
export const wideCertificateColumns: Column<Certificate>[] = [
  { title: 'FIRST USED', cell: ({ provenAt }) => minute(provenAt, 'never') },
  { title: 'RETIRES', cell: ({ retiresAt }) => minute(retiresAt) },
  { title: 'REVOKED', cell: ({ revokedAt }) => minute(revokedAt) },
  { title: 'REASON', cell: ({ revocationReason }) => printable(revocationReason ?? '-') },
  { title: 'AUTHORITY', cell: ({ authority }) => String(authority), alignRight: true },
  { title: 'SHA-256', cell: ({ fingerprint }) => printable(fingerprint) },
];
