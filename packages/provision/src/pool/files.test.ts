import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serverConfiguration } from '../host/server-files.ts';
import { etcdJoin, etcdSettings, etcdUnit } from './etcd-files.ts';
import { databaseUnit, patroniSettings } from './patroni-files.ts';
import { newRecord, type PoolMember, type PoolRecord } from './record.ts';

const members: PoolMember[] = [
  { name: 'm1', address: '10.0.0.1', kind: 'database' },
  { name: 'm2', address: 'fd00::2', kind: 'database' },
  { name: 'w1', address: '10.0.0.3', kind: 'witness' },
];
let record: PoolRecord;
beforeAll(async () => {
  record = await newRecord(members, new Date('2026-11-27T12:00:00Z'));
});

const settings = (index: number) =>
  parse(patroniSettings(members[index]!, record, '/usr/lib/postgresql/15/bin').content) as Record<string, unknown>;

describe('the settings of etcd', () => {
  it('keep to ports of its own, by TLS in both directions', () => {
    const { content } = etcdSettings(members[1]!, record);
    expect(content).toContain('ETCD_LISTEN_CLIENT_URLS=https://[fd00::2]:23790,https://127.0.0.1:23790\n');
    expect(content).toContain('ETCD_LISTEN_PEER_URLS=https://[fd00::2]:23800\n');
    expect(content).toContain('ETCD_CLIENT_CERT_AUTH=true\n');
    expect(content).toContain('ETCD_PEER_CLIENT_CERT_AUTH=true\n');
    expect(content).not.toMatch(/2379\b|2380\b|http:/u);
  });

  it('say nothing of the cluster but while a member joins: one that lost its disk must not come back by itself', () => {
    expect(etcdSettings(members[0]!, record).content).not.toMatch(/INITIAL_CLUSTER=|INITIAL_CLUSTER_STATE/u);
    expect(etcdJoin('m1=https://10.0.0.1:23800', 'existing').content).toBe(
      'ETCD_INITIAL_CLUSTER=m1=https://10.0.0.1:23800\nETCD_INITIAL_CLUSTER_STATE=existing\n',
    );
    expect(etcdUnit.content).toMatch(/EnvironmentFile=-\/etc\/muster\/pool\/etcd-join\.env/u);
  });

  it('hold no secret: whoever may look at the machine may read them', () => {
    const { content, mode } = etcdSettings(members[0]!, record);
    expect(mode).toBe(0o644);
    for (const secret of Object.values(record.passwords)) expect(content).not.toContain(secret);
  });
});

describe('the settings of Patroni', () => {
  it('are for its user alone: they hold passwords', () => {
    expect(patroniSettings(members[0]!, record, '/x')).toMatchObject({ mode: 0o600, owner: 'postgres:postgres' });
    expect(databaseUnit.content).not.toContain(record.passwords.superuser);
  });

  it('let no acknowledged write be lost, and keep the times in their bounds', () => {
    const { dcs } = settings(0)['bootstrap'] as { dcs: Record<string, number> };
    expect(dcs).toMatchObject({
      ttl: 20,
      loop_wait: 2,
      retry_timeout: 5,
      synchronous_mode: true,
      synchronous_mode_strict: false,
      synchronous_node_count: 1,
    });
    expect(dcs['loop_wait']! + 2 * dcs['retry_timeout']!).toBeLessThanOrEqual(dcs['ttl']!);
    expect(settings(0)).toHaveProperty('etcd3.protocol', 'https');
    expect(settings(0)).not.toHaveProperty('etcd');
  });

  it('name every voter, the witness too, and this machine by its own address', () => {
    expect(settings(1)).toHaveProperty('etcd3.hosts', ['10.0.0.1:23790', '[fd00::2]:23790', '10.0.0.3:23790']);
    expect(settings(1)).toHaveProperty('postgresql.connect_address', '[fd00::2]:25432');
    expect(settings(1)).toHaveProperty('postgresql.listen', '[fd00::2],127.0.0.1:25432');
  });

  it('let in the machines of the pool by TLS and password, and nobody from elsewhere', () => {
    const { pg_hba: rules } = settings(0)['postgresql'] as { pg_hba: string[] };
    expect(rules).toContain('host replication replicator 127.0.0.1/32 scram-sha-256');
    expect(rules).toContain('hostssl muster muster fd00::2/128 scram-sha-256');
    expect(rules.filter((rule) => !rule.startsWith('local') && !rule.endsWith('scram-sha-256'))).toEqual([]);
    expect(rules.join('\n')).not.toMatch(/10\.0\.0\.3|0\.0\.0\.0|trust|md5/u);
  });

  it('are the same in the next run', () => {
    expect(patroniSettings(members[0]!, record, '/x')).toEqual(patroniSettings(members[0]!, record, '/x'));
  });
});

describe('the configuration of a server with another database', () => {
  it('is for root and the server alone', () => {
    const file = serverConfiguration({
      address: '10.0.0.1',
      databaseUrl: 'postgresql://muster:secret@10.0.0.1:25432,[fd00::2]:25432/muster',
    });
    expect(file).toMatchObject({ mode: 0o640, owner: 'root:muster' });
    expect(parse(file.content)).toHaveProperty('database.url', 'postgresql://muster:secret@10.0.0.1:25432,[fd00::2]:25432/muster');
    // One line: the look at the host searches for it.
    expect(file.content).toMatch(/^ {2}url: .?postgresql:/mu);
  });
});
