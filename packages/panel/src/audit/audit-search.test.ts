import { expect, it } from 'vitest';
import { auditQueryOf, readAuditSearch, writeAuditSearch } from './audit-search.ts';

const read = (text: string) => readAuditSearch(new URLSearchParams(text));

it('is kept in the address', () => {
  expect(writeAuditSearch(read('')).toString()).toBe('');
  expect(writeAuditSearch(read('who=ada&what=removeNode&from=2026-11-21&evil=1')).toString()).toBe(
    'who=ada&what=removeNode&from=2026-11-21',
  );
});

it('asks the server', () => {
  expect(auditQueryOf(read('who=%20ada&result=refused&node=web1'))).toEqual({ who: 'ada', result: 'refused', node: 'web1' });
  expect(auditQueryOf(read('result=nonsense&from=yesterday'))).toEqual({});
});

it('takes whole days of the reader', () => {
  const { from, to } = auditQueryOf(read('from=2026-11-21&to=2026-11-21'));
  expect(from).toBe(new Date(2026, 10, 21).toISOString());
  expect(to).toBe(new Date(2026, 10, 22).toISOString());
});
