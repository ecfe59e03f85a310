import { createHash, randomUUID } from 'node:crypto';
import type { Facts, Grant, NodeCreate, ServicesReport } from '@muster/api';
import type { Log } from '@muster/core';
import pg from 'pg';
import { clientConfig, type StoreConnection } from '../src/connection.ts';
import type { NewEvent, NewPerson, NewStoredAuthority, SignedCertificate } from '../src/index.ts';

export const silentLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export const nodeCreate = (name: string, rest: Partial<NodeCreate> = {}): NodeCreate => ({
  name,
  privateIp: null,
  publicIp: null,
  labels: {},
  groups: [],
  environments: 'on',
  notes: '',
  ...rest,
});

export const facts = (rest: Partial<Facts> = {}): Facts => ({
  hostname: 'host',
  addresses: [],
  cores: 8,
  memoryBytes: 34_359_738_368,
  gpus: [],
  os: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12' },
  kernel: '6.1.0',
  architecture: 'x64',
  bootId: 'boot',
  agentVersion: '0.1.0',
  ...rest,
});

export const services = (state: 'running' | 'failed' = 'running'): ServicesReport => ({
  available: true,
  services: [{ unit: 'ssh.service', state, detail: '', since: null }],
});

/** An authority as the store keeps it: it never looks inside. */
export const storedAuthority = (mark: number): NewStoredAuthority => ({
  root: { certificatePem: `root ${mark}`, sealedKey: Uint8Array.of(0, 255, mark) },
  intermediate: { certificatePem: `intermediate ${mark}`, sealedKey: Uint8Array.of(mark, 0) },
});

const dayMs = 86_400_000;

export const signed = (serial: string = randomUUID(), spkiSha256: string = sha256('key')): SignedCertificate => ({
  serial,
  fingerprint: sha256(serial),
  spkiSha256,
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 90 * dayMs),
  chainPem: `chain of ${serial}`,
  authority: 1,
});

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const newEvent = (message: string, rest: Partial<NewEvent> = {}): NewEvent => ({
  kind: 'server-started',
  severity: 'info',
  nodeId: null,
  nodeName: null,
  message,
  data: {},
  ...rest,
});

/** Rows of one statement, past the store: what only a test may ask or do. */
export async function query(connection: StoreConnection, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(clientConfig(connection));
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Somebody with an account, or to be. */
export const newPerson = (email: string, grant: Partial<Grant> = {}): NewPerson => ({
  email,
  name: email.split('@')[0] ?? email,
  grant: { role: 'viewer', groups: null, mayExec: false, ...grant },
});
