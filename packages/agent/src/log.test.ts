import { expect, it } from 'vitest';
import { createLog, formatLine } from './log.ts';

const time = new Date('2026-01-02T03:04:05Z');

it('writes logfmt, with quotes only where they are needed', () => {
  expect(formatLine(time, 'warn', 'not connected', { server: '[::1]:7443', attempt: 3, detail: undefined, ok: true })).toBe(
    'time=2026-01-02T03:04:05.000Z level=warn msg="not connected" server="[::1]:7443" attempt=3 ok=true',
  );
});

it('lets no value forge a line or a field', () => {
  expect(formatLine(time, 'info', 'x', { reason: 'a\nlevel=error msg="b" c=d' })).toBe(
    String.raw`time=2026-01-02T03:04:05.000Z level=info msg=x reason="a\nlevel=error msg=\"b\" c=d"`,
  );
  expect(formatLine(time, 'info', 'x', { empty: '' })).toContain('empty=""');
});

it('leaves out what is below its level', () => {
  const lines: string[] = [];
  const log = createLog('warn', (line) => lines.push(line));
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  expect(lines.map((line) => / msg=(\w)/u.exec(line)?.[1])).toEqual(['c', 'd']);
});
