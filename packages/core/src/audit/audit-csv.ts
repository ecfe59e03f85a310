import type { AuditEntry } from '@muster/api';
import { csvLine } from '../text/csv-line.ts';

type Cell = readonly [string, (entry: AuditEntry) => string | number | null];

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const cells: readonly Cell[] = [
  ['id', (entry) => entry.id],
  ['at', (entry) => entry.at],
  ['who', (entry) => entry.who.name],
  ['kind', (entry) => entry.who.kind],
  ['role', (entry) => entry.who.role],
  ['from', (entry) => entry.from],
  ['what', (entry) => entry.what],
  ['target', (entry) => entry.target?.name ?? entry.target?.id ?? null],
  ['nodes', (entry) => entry.nodes.join(' ')],
  ['result', (entry) => entry.result],
  ['status', (entry) => entry.status],
  ['code', (entry) => entry.code],
  ['message', (entry) => entry.message],
  ['input', (entry) => json(entry.input)],
  ['before', (entry) => json(entry.before)],
  ['after', (entry) => json(entry.after)],
  ['leftOut', (entry) => entry.leftOut],
];

/** The first line of the audit log as CSV, without its end. */
export const auditCsvHeader: string = csvLine(cells.map(([title]) => title));

/** An entry as a line of CSV, without its end. Pure. */
export const auditCsvLine = (entry: AuditEntry): string => csvLine(cells.map(([, cell]) => cell(entry)));
