import type { Event } from '@muster/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleEvent } from '../../test/example-event.ts';
import { composeMail } from './compose-mail.ts';

const mail = (events: readonly Event[], missed = 0) => composeMail({ events, missed, panelUrl: 'https://muster.example.org:7420' });
const nodes = (count: number, rest: Partial<Event> = {}) =>
  Array.from({ length: count }, (_, at) => exampleEvent({ id: at + 1, nodeName: `node${String(at + 1).padStart(3, '0')}`, ...rest }));

describe('a mail', () => {
  it('of one event says it in the subject', () => {
    const { subject, text } = mail([exampleEvent()]);
    expect(subject).toBe('[Muster] node01 is bad (was good).');
    expect(text).toContain('ERROR: 1 node is bad\n  2026-01-01T00:00:00.000Z  node01 is bad (was good).');
    expect(text).toContain('https://muster.example.org:7420/events');
    expect(text).toContain('the page Notifications of the panel shows it and ends it');
  });

  it('of 500 nodes that turned bad is one line with their range, and some of them', () => {
    const { subject, text } = mail(nodes(500));
    expect(subject).toBe('[Muster] 500 nodes are bad');
    expect(text).toContain('ERROR: 500 nodes are bad\n  node[001-500]\n');
    expect(text).toContain('  and 490 more\n');
    expect(text.length).toBeLessThan(3000);
  });

  it('has the gravest first, each kind apart, and a node that turned twice once', () => {
    const events = [
      exampleEvent({ id: 1, kind: 'sign-in', severity: 'info', nodeName: null, message: 'Ada signed in.' }),
      exampleEvent({ id: 2, kind: 'connection-refused', severity: 'warning', message: 'Refused.' }),
      exampleEvent({ id: 3, kind: 'connection-refused', severity: 'warning', message: 'Refused again.' }),
      exampleEvent({ id: 4 }),
      exampleEvent({ id: 5 }),
      exampleEvent({ id: 6, severity: 'warning', data: { to: 'degraded' } }),
    ];
    const { subject, text } = mail(events);
    expect(subject).toBe('[Muster] 1 node is bad, 2 × connection-refused, 1 node is degraded, sign-in');
    expect([...text.matchAll(/^[A-Z]+: .*$/gmu)].map(([line]) => line)).toEqual([
      'ERROR: 1 node is bad',
      'WARNING: 2 × connection-refused',
      'WARNING: 1 node is degraded',
      'INFO: sign-in',
    ]);
  });

  it('says how many events were left out', () => expect(mail(nodes(2), 17).text).toContain('17 more events were left out'));

  it('shows what nodes say, and never obeys it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, to) => {
        const { subject, text } = mail([exampleEvent({ message: `${message}\r\nBcc: all@example.org`, data: { to } })]);
        expect(subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect([...subject].length).toBeLessThanOrEqual(160);
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(text).not.toContain('\nBcc:');
      }),
      { numRuns: 40 },
    );
  });
});
