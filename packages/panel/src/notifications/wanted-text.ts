import type { Subscription } from '@muster/api';
import { sentenceOf } from '../ui/format.ts';

const severities = { info: 'Everything', warning: 'Warnings and errors', error: 'Errors' } as const;

/** What somebody is told of, in words. */
export function wantedText({ kinds, severity, groups, range }: Pick<Subscription, 'kinds' | 'severity' | 'groups' | 'range'>): string {
  const parts = [
    severities[severity],
    kinds.length === 0 ? '' : `of: ${kinds.map(sentenceOf).join(', ')}`,
    groups.length === 0 ? '' : `about nodes of ${groups.join(', ')}`,
    range === null ? '' : `about ${range}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
