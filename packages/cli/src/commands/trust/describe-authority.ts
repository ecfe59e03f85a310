import type { AuthorityInfo, AuthorityStatus, Laggard } from '@muster/api';
import { printable } from '../../output/printable.ts';
import { type Column, table } from '../../output/table.ts';
import { minute } from '../../output/units.ts';

const behindColumns: Column<Laggard>[] = [
  { title: 'BEHIND', cell: ({ name }) => printable(name) },
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'CONNECTED', cell: ({ connected }) => (connected ? 'yes' : 'no') },
  { title: 'LACKS', cell: ({ lacks }) => printable(lacks) },
];

/** What comes after each phase, as a command; it is refused while somebody is behind. */
const nextSteps = { prepare: 'agents', agents: 'servers', servers: 'finish', rollback: 'finish' } as const;

/** The authorities that are trusted, how far a replacement is, and who holds it up. */
export function describeAuthority({ trusted, rotation }: AuthorityStatus): string {
  const authorities = trusted.map(authorityLines).join('\n');
  if (rotation === null) return `${authorities}${line('Rotation', 'none is under way')}`;
  const { phase, phaseSince, from, to, startedAt, startedBy, nodes, caughtUp, behind } = rotation;
  const head = [
    line('Rotation', `authority ${to} replaces ${from}, begun ${minute(startedAt)} by ${printable(startedBy)}`),
    line('Phase', `${phase}, since ${minute(phaseSince)}`),
    line('Nodes', `${caughtUp} of ${nodes} caught up`),
    line('Next', `muster authority rotate ${nextSteps[phase]}${behind.length === 0 ? '' : ', when nobody is behind any more'}`),
  ].join('');
  return `${authorities}\n${head}${behind.length === 0 ? '' : `\n${table(behind, behindColumns)}`}`;
}

function authorityLines({ generation, fingerprint, createdAt, notAfter, issues, shows }: AuthorityInfo): string {
  const does = ['is trusted', ...(issues ? ['certifies nodes'] : []), ...(shows ? ['is shown by servers'] : [])].join(', ');
  return (
    line('Authority', `${generation}: ${does}`) +
    line('Fingerprint', fingerprint) +
    line('Good', `${minute(createdAt)} to ${minute(notAfter)}`)
  );
}

const line = (label: string, value: string): string => `${label.padEnd(13)}${value}\n`;
