import type { AuditEntry } from '@muster/api';
import { auditCsvHeader, auditCsvLine } from '@muster/core';
import type { AuditSearch, Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';

const pageSize = 500;

export function auditHandlers({ audit }: Pick<Store, 'audit'>): Pick<Handlers, 'listAudit' | 'exportAudit'> {
  return {
    listAudit: ({ query }) => audit.list(query),
    exportAudit: async ({ query: { format, ...search }, setFile }) => {
      // The first page is read before the answer begins, so that a database that is away is said and not a file that breaks off.
      const first = await audit.page(search, 0, pageSize);
      setFile(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson', `muster-audit.${format === 'csv' ? 'csv' : 'ndjson'}`);
      return format === 'csv' ? csv(pages(audit, search, first)) : lines(pages(audit, search, first));
    },
  };
}

async function* pages(audit: Store['audit'], search: AuditSearch, first: AuditEntry[]): AsyncGenerator<AuditEntry[]> {
  for (let page = first; page.length > 0; page = await audit.page(search, page.at(-1)?.id ?? 0, pageSize)) yield page;
}

async function* csv(all: AsyncIterable<AuditEntry[]>): AsyncGenerator<string> {
  yield `${auditCsvHeader}\r\n`;
  for await (const page of all) yield page.map((entry) => `${auditCsvLine(entry)}\r\n`).join('');
}

async function* lines(all: AsyncIterable<AuditEntry[]>): AsyncGenerator<string> {
  for await (const page of all) yield page.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}
