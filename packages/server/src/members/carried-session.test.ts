import type { Session } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { carriedSession, headersFor } from './carried-session.ts';

const session: Session = {
  kind: 'person',
  id: 'p1',
  name: 'Zoë Ångström',
  email: 'zoe@example.org',
  role: 'operator',
  groups: ['rack1'],
  mayExec: true,
  hasPassword: true,
  twoFactor: false,
  provider: null,
};

describe('a session that is carried to another member', () => {
  it('arrives as it was, with the address it came from', () => {
    const headers = headersFor({ session, from: '192.0.2.1' });
    expect(carriedSession(headers)).toEqual(session);
    expect(headers['x-forwarded-for']).toBe('192.0.2.1');
  });

  it.each([undefined, '', 'e30', 'nonsense'])('is none where the header is %j', (value) =>
    expect(carriedSession({ 'muster-session': value })).toBeUndefined(),
  );
});
