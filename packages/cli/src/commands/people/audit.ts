import { AuditEntry, type Client } from '@muster/api';
import { auditCsvHeader, auditCsvLine, recordDifference } from '@muster/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formats, printList, wholeNumber } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';

type Options = {
  who?: string;
  what?: string;
  node?: string;
  result?: AuditEntry['result'];
  since?: string;
  until?: string;
  limit: number;
  output: Format | 'csv';
};

const targetOf = ({ target, nodes }: AuditEntry): string => {
  if (nodes.length > 1) return nodes.join(', ');
  return target?.name ?? target?.id ?? '-';
};
const shownValue = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'));
const changesOf = ({ before, after }: AuditEntry): string =>
  before === null || after === null
    ? '-'
    : recordDifference(before, after)
        .map((one) => `${one.member}: ${shownValue(one.before)} -> ${shownValue(one.after)}`)
        .join('; ');

const columns: Column<AuditEntry>[] = [
  { title: 'AT', cell: ({ at }) => at.slice(0, 19).replace('T', ' ') },
  { title: 'WHO', cell: ({ who }) => printable(who.name === '' ? who.kind : who.name) },
  { title: 'WHAT', cell: ({ what }) => printable(what) },
  { title: 'TARGET', cell: (entry) => printable(targetOf(entry)) },
  { title: 'RESULT', cell: ({ result }) => result },
  { title: 'WHY', cell: ({ message }) => printable(message ?? '') },
];
const wide: Column<AuditEntry>[] = [
  { title: 'CHANGES', cell: (entry) => printable(changesOf(entry)) },
  { title: 'FROM', cell: ({ from }) => printable(from) },
  { title: 'ROLE', cell: ({ who }) => who.role ?? '-' },
  { title: 'ID', cell: ({ id }) => String(id) },
];

const pageSize = 1000;
const outputs = [...formats, 'csv'] as const;

/** `muster audit`: who asked for what, and how it ended. */
export function addAuditCommand(program: Command): void {
  program
    .command('audit')
    .description('who asked for what and how it ended, oldest first')
    .option('--who <text>', 'part of the name, address or id of who did it, or of where it came from')
    .option('--what <text>', 'part of the name of what was asked for, or of what it was about')
    .option('--node <name>', 'about this node')
    .addOption(new Option('--result <result>', 'how it ended').choices(AuditEntry.shape.result.options))
    .option('--since <when>', 'not older than: 90m, 12h, 7d, or a moment such as 2026-01-31T08:00:00Z', momentOf)
    .option('--until <when>', 'older than; as --since', momentOf)
    .option('--limit <n>', 'how many of the newest', wholeNumber(1, 1_000_000), 50)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(outputs).default('table'))
    .addHelpText(
      'after',
      '\nExamples:\n  muster audit --who ada@example.org --since 7d\n  muster audit --node web1 --result refused -o wide\n  muster audit --limit 1000000 -o csv',
    )
    .action(async (options: Options, command: Command) => {
      const entries = await newest(serverClient(command), options);
      if (options.output === 'csv')
        process.stdout.write([auditCsvHeader, ...entries.map(auditCsvLine)].map((line) => `${line}\r\n`).join(''));
      else printList(options.output, entries, columns, wide, ({ id }) => String(id));
    });
}

/** As many of the newest as are wanted, oldest first, however many pages that takes. */
async function newest(client: Client, { who, what, node, result, since, until, limit }: Options): Promise<AuditEntry[]> {
  const search = { who, what, node, result, from: since, to: until };
  const found: AuditEntry[] = [];
  while (found.length < limit) {
    const before = found.at(-1)?.id;
    const asked = Math.min(pageSize, limit - found.length);
    const query = Object.fromEntries(Object.entries({ ...search, limit: asked, before }).filter(([, value]) => value !== undefined));
    const { items } = await client.listAudit({ query });
    found.push(...items);
    if (items.length < asked) break;
  }
  return found.toReversed();
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A moment as the interface takes it. A span counts back from now, by the clock of this machine. */
export function momentOf(text: string): string {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/u.exec(text) ?? [];
  const at = unit === undefined ? Date.parse(text) : Date.now() - Number(count) * unitMs[unit as keyof typeof unitMs];
  if (Number.isNaN(at)) throw new InvalidArgumentError('must be a span such as 90m, 12h or 7d, or a moment such as 2026-01-31T08:00:00Z.');
  return new Date(at).toISOString();
}
