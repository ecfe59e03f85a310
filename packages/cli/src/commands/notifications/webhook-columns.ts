import { styleText } from 'node:util';
import type { Webhook } from '@muster/api';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { minute } from '../../output/units.ts';

const colours = { working: 'green', failing: 'yellow', disabled: 'red' } as const;
const stateOf = ({ state }: Webhook): string => styleText(colours[state], state, { stream: process.stdout });

/** What a list of webhooks shows. */
export const webhookColumns: Column<Webhook>[] = [
  { title: 'NAME', cell: ({ name }) => printable(name) },
  { title: 'STATE', cell: stateOf },
  { title: 'WAITING', cell: ({ waiting }) => String(waiting), alignRight: true },
  { title: 'DELIVERED', cell: ({ lastDeliveredAt }) => minute(lastDeliveredAt, 'never') },
  { title: 'URL', cell: ({ url }) => printable(url) },
];
export const wideWebhookColumns: Column<Webhook>[] = [
  { title: 'FAILING SINCE', cell: ({ failingSince }) => minute(failingSince) },
  { title: 'LAST ERROR', cell: ({ lastError }) => printable(lastError ?? '-') },
  { title: 'MADE', cell: ({ createdAt }) => minute(createdAt) },
  { title: 'BY', cell: ({ createdBy }) => printable(createdBy) },
  { title: 'ID', cell: ({ id }) => id },
];

/** Everything about one webhook, a line each. */
export const describeWebhook = (webhook: Webhook): string =>
  [...webhookColumns, ...wideWebhookColumns].map(({ title, cell }) => `${title.padEnd(15)}${cell(webhook)}\n`).join('');
