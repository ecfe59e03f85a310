import type { AuditEntry } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { auditCsvHeader, auditCsvLine } from './audit-csv.ts';

const entry: AuditEntry = {
  id: 7,
  at: '2026-01-01T00:00:00.000Z',
  who: { kind: 'person', id: 'p1', name: 'ada@example.org', role: 'operator' },
  from: '10.0.0.1',
  what: 'replaceNode',
  target: { kind: 'nodes', id: 'n1', name: 'web1' },
  nodes: ['web1', 'web2'],
  input: { notes: '=HYPERLINK("x")' },
  result: 'refused',
  status: 403,
  code: 'not-allowed',
  message: '=no, never',
  before: { notes: 'a' },
  after: null,
  leftOut: 0,
};

describe('the audit log as CSV', () => {
  it('has as many cells in each line as titles', () => {
    expect(auditCsvHeader).toBe('id,at,who,kind,role,from,what,target,nodes,result,status,code,message,input,before,after,leftOut');
    expect(auditCsvLine(entry)).toBe(
      '7,2026-01-01T00:00:00.000Z,ada@example.org,person,operator,10.0.0.1,replaceNode,web1,web1 web2,refused,403,not-allowed,' +
        '"\'=no, never","{""notes"":""=HYPERLINK(\\""x\\"")""}","{""notes"":""a""}",,0',
    );
  });

  it('names a target that has no name by its id, and one that is not there not at all', () => {
    expect(auditCsvLine({ ...entry, target: { kind: 'keys', id: 'k1', name: null } })).toContain(',replaceNode,k1,');
    expect(auditCsvLine({ ...entry, target: null })).toContain(',replaceNode,,');
  });
});
