import { expect, it } from 'vitest';
import { causeOf, detailOf, type SocketClose } from './session-end.ts';

const usual: SocketClose = { code: 1006, reason: '', wasSecured: false, wasWelcome: false, wasSilent: false };
const close = (parts: Partial<SocketClose>): SocketClose => ({ ...usual, ...parts });
const withCode = (code: string): Error => Object.assign(new Error('tls'), { code });

it.each([
  [{ code: 4001 }, 'refused'],
  [{ code: 4002, wasWelcome: true }, 'replaced'],
  [{ code: 4003 }, 'protocol'],
  [{ code: 1001, wasWelcome: true }, 'going-away'],
  [{ http: { status: 403, body: '' }, wasSecured: true }, 'refused'],
  [{ http: { status: 401, body: '' } }, 'refused'],
  [{ http: { status: 503, body: '' }, wasSecured: true }, 'unreachable'],
  [{ http: { status: 429, body: '' }, wasSecured: true }, 'unreachable'],
  [{ http: { status: 404, body: '' }, wasSecured: true }, 'rejected'],
  [{ error: withCode('ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED'), wasSecured: true }, 'refused'],
  [{ error: withCode('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA') }, 'refused'],
  [{ error: withCode('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') }, 'refused'],
  [{ error: withCode('ECONNREFUSED') }, 'unreachable'],
  [{ error: withCode('ECONNRESET'), wasSecured: true }, 'rejected'],
  [{ wasSecured: true, wasWelcome: true }, 'lost'],
  [{ code: 1000, wasSecured: true, wasWelcome: true }, 'lost'],
  [{ wasSecured: true, wasWelcome: true, wasSilent: true }, 'silent'],
  [{ code: 4002, wasWelcome: true, wasSilent: true }, 'replaced'],
])('%j is %s', (parts, cause) => expect(causeOf(close(parts))).toBe(cause));

it('says it in words, on one bounded line', () => {
  expect(detailOf(close({ http: { status: 403, body: '{"message":"it is\\nrevoked"}' } }))).toBe('HTTP status 403: it is revoked');
  expect(detailOf(close({ http: { status: 502, body: 'Bad Gateway' } }))).toBe('HTTP status 502: Bad Gateway');
  expect(detailOf(close({ error: new Error('connect\nECONNREFUSED') }))).toBe('connect ECONNREFUSED');
  expect(detailOf(close({ code: 4001 }))).toBe('close code 4001');
  expect(detailOf(close({ code: 4001, reason: `a\n${'x'.repeat(500)}` }))).toHaveLength('close code 4001: '.length + 150);
});
