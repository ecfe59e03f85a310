import type { ConsoleNotice } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { afterClose, afterNotice, consoleUrl, openingConsole, readNotice } from './console-session.ts';

const viewers = [{ id: 'a', name: 'ada@example.org', readOnly: false }];
const after = (...notices: readonly ConsoleNotice[]) => notices.reduce(afterNotice, openingConsole);
const welcome: ConsoleNotice = { type: 'welcome', you: 'a', kind: 'ipmi', nodeName: 'web1' };

describe('a console on a page', () => {
  it('is open once the server welcomes, and knows who writes', () => {
    expect(after(welcome, { type: 'presence', viewers, writer: 'a' })).toMatchObject({
      phase: 'open',
      you: 'a',
      presence: { viewers, writer: 'a' },
    });
  });

  it('says why nothing was sent until somebody else has the pen', () => {
    const refused = after(welcome, { type: 'refused', message: 'Bob writes now.' });
    expect(refused.message).toBe('Bob writes now.');
    expect(afterNotice(refused, { type: 'presence', viewers, writer: 'a' }).message).toBeNull();
    expect(afterNotice(refused, { type: 'gap', bytes: 7 }).message).toContain('7 bytes were left out');
  });

  it('has ended with a reason, or was lost without one', () => {
    const ended = after(welcome, { type: 'end', message: 'web1 was removed.', elsewhere: null });
    expect(afterClose(ended)).toMatchObject({ phase: 'ended', message: 'web1 was removed.' });
    expect(afterClose(after(welcome))).toMatchObject({ phase: 'lost', message: null });
  });

  it.each([
    ['https:', 'wss://m1:7420/api/v1/nodes/web%201/console?readOnly=true&columns=80&rows=24'],
    ['http:', 'ws://m1:7420/api/v1/nodes/web%201/console?readOnly=true&columns=80&rows=24'],
  ])('has its address by the page’s own (%s)', (protocol, url) => {
    expect(consoleUrl({ protocol, host: 'm1:7420' }, 'web 1', { readOnly: true, columns: 80, rows: 24 })).toBe(url);
  });

  it.each(['', 'nonsense', '{"type":"other"}', '[]'])('does not understand %j', (text) => expect(readNotice(text)).toBeUndefined());
});
