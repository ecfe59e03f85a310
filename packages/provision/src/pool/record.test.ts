import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificateFault, issueCertificate } from './certificate.ts';
import { poolDatabaseUrl } from './database-url.ts';
import { newRecord, type PoolMember, type PoolRecord, readRecord, recordText } from './record.ts';

const now = new Date('2026-11-27T12:00:00Z');
const m1: PoolMember = { name: 'm1', address: '10.0.0.1', kind: 'database' };
const m2: PoolMember = { name: 'm2', address: 'fd00::2', kind: 'database' };
const w1: PoolMember = { name: 'w1', address: '10.0.0.3', kind: 'witness' };

let record: PoolRecord;
beforeAll(async () => {
  record = await newRecord([m1, m2, w1], now);
});

describe('the record of a pool', () => {
  it('is read as it was written', () => {
    expect(readRecord(recordText(record), 'm1')).toEqual(record);
  });

  it('has secrets of its own, in characters that nothing takes for its own', async () => {
    const other = await newRecord([m1, m2, w1], now);
    const all = [...Object.values(record.passwords), ...Object.values(other.passwords)];
    expect(new Set(all).size).toBe(8);
    for (const password of all) expect(password).toMatch(/^[A-Za-z0-9_-]{32}$/u);
    expect(other.id).not.toBe(record.id);
  });

  it.each(['', '{}', '{"format":1', '{"format":2}', JSON.stringify({ secret: 'hunter2' })])(
    'that is damaged is an error without its content: %s',
    (text) => {
      expect(() => readRecord(text, 'm1')).toThrow(/^(?!.*hunter2)m1 has a record of its pool that cannot be read/su);
    },
  );

  it('gives the servers each copy of the database, by TLS, and not the witness', () => {
    expect(poolDatabaseUrl(record)).toBe(
      `postgresql://muster:${record.passwords.muster}@10.0.0.1:25432,[fd00::2]:25432/muster?sslmode=verify-ca&sslrootcert=%2Fetc%2Fmuster%2Fpool%2Fauthority.pem`,
    );
  });
});

describe('the certificate of a member', () => {
  it('is good for servers and clients, by name, address and on the machine itself, for as long as the authority', async () => {
    const { chainPem, keyPem } = await issueCertificate(m1, record, now);
    const certificate = new X509Certificate(chainPem);
    expect(certificate.subjectAltName).toBe('DNS:m1, DNS:localhost, IP Address:10.0.0.1, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1']);
    expect(certificate.validToDate.getUTCFullYear()).toBe(2036);
    expect(chainPem.match(/BEGIN CERTIFICATE/gu)).toHaveLength(2);
    expect(keyPem).toContain('BEGIN PRIVATE KEY');
    expect(certificateFault(chainPem, m1, record, now)).toBeUndefined();
  });

  it('is made anew where it is missing, damaged, of another name, address or pool', async () => {
    const { chainPem } = await issueCertificate(m1, record, now);
    expect(certificateFault('', m1, record, now)).toBe('it has none');
    expect(certificateFault('nonsense', m1, record, now)).toBe('it cannot be read');
    expect(certificateFault(chainPem, { ...m1, address: '10.0.0.9' }, record, now)).toBe('its address is another one');
    expect(certificateFault(chainPem, { ...m1, name: 'm9' }, record, now)).toBe('its name is another one');
    expect(certificateFault(chainPem, m1, await newRecord([m1], now), now)).toBe('it is of another pool');
  });

  it('is not made anew again and again in the last year of its authority', async () => {
    const late = new Date('2036-06-01T00:00:00Z');
    const { chainPem } = await issueCertificate(m1, record, late);
    expect(certificateFault(chainPem, m1, record, late)).toBeUndefined();
  });
});
