import { X509Certificate } from 'node:crypto';
import { createAuthority, openAuthority } from '@muster/trust';
import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { keptLog } from '../../test/kept-log.ts';
import { KeptIdentity } from './kept-identity.ts';

const dayMs = 86_400_000;

async function setUp() {
  const clock = new FakeClock();
  const { log, lines } = keptLog();
  const authority = await openAuthority(await createAuthority({ name: 'Test', now: new Date(clock.wallMs()) }));
  const identity = await KeptIdentity.make({
    authority,
    hosts: ['muster.example.org', '192.0.2.7:7421', '[2001:db8::7]:7421'],
    serverId: 'driver1',
    clock,
    log,
  });
  return { clock, lines, authority, identity };
}

const certificateOf = ({ current }: KeptIdentity) => new X509Certificate(current.chainPem);

describe('the server’s own certificate', () => {
  it('is good for the names and addresses of the server, and 397 days', async () => {
    const { identity } = await setUp();
    const certificate = certificateOf(identity);
    for (const name of ['server.muster.internal', 'muster.example.org', 'localhost']) expect(certificate.checkHost(name)).toBeDefined();
    for (const address of ['192.0.2.7', '2001:db8::7', '127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBeDefined();
    expect(certificate.subjectAltName).toContain('URI:urn:muster:server:driver1');
    const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / dayMs;
    expect(Math.round(days)).toBe(397);
  });

  it('is renewed at two thirds, with a new key, and handed to those who show it', async () => {
    const { clock, identity, lines } = await setUp();
    const [before, onRenewed] = [identity.current, vi.fn()];
    clock.pass(264 * dayMs);
    await identity.renewWhenDue(onRenewed);
    expect(identity.current).toBe(before);
    clock.pass(dayMs);
    await identity.renewWhenDue(onRenewed);
    expect(onRenewed).toHaveBeenCalledExactlyOnceWith(identity.current);
    expect(identity.current.keyPem).not.toBe(before.keyPem);
    expect(certificateOf(identity).validToDate.getTime()).toBeGreaterThan(clock.wallMs() + 396 * dayMs);
    await identity.renewWhenDue(onRenewed);
    expect(onRenewed).toHaveBeenCalledOnce();
    expect(lines.map((line) => line.level)).toEqual(['info']);
  });

  it('is tried again when it could not be renewed', async () => {
    const { clock, identity, authority, lines } = await setUp();
    clock.pass(300 * dayMs);
    const onRenewed = vi.fn();
    const signServer = vi.spyOn(authority, 'signServer').mockRejectedValueOnce(new Error('broken'));
    await identity.renewWhenDue(onRenewed);
    expect(onRenewed).not.toHaveBeenCalled();
    expect(lines).toMatchObject([{ level: 'error' }]);
    await identity.renewWhenDue(onRenewed);
    expect(onRenewed).toHaveBeenCalledOnce();
    expect(signServer).toHaveBeenCalledTimes(2);
  });
});
