import type { AuditEntry } from '@muster/api';

const startMs = Date.UTC(2026, 10, 21, 8, 0, 0);

/** An entry of the audit log. */
const fakeAuditEntry = (id: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  id,
  at: new Date(startMs + id * 60_000).toISOString(),
  who: { kind: 'person', id: 'person-ada', name: 'Ada Admin', role: 'administrator' },
  from: '192.0.2.7',
  what: 'actOnNodes',
  target: null,
  nodes: ['worker-001.cluster.example.org', 'worker-002.cluster.example.org'],
  input: { action: 'cordon', range: 'worker-[001-002].cluster.example.org', reason: 'slow disk' },
  result: 'done',
  status: 200,
  code: null,
  message: null,
  before: null,
  after: null,
  leftOut: 0,
  ...changes,
});

/** A log with one entry of each kind among many. */
export function fakeAudit(): AuditEntry[] {
  const usual = Array.from({ length: 120 }, (_, at) => fakeAuditEntry(at + 1));
  return [
    ...usual,
    fakeAuditEntry(121, {
      what: 'removeNode',
      target: { kind: 'nodes', id: '00000000-0000-4000-8000-000000000009', name: 'worker-009' },
      nodes: ['worker-009'],
      input: null,
      before: { name: 'worker-009', privateIp: '10.20.0.10', notes: '<script>window.hacked=true</script>' },
      after: null,
      status: 204,
    }),
    fakeAuditEntry(122, {
      what: 'replaceNode',
      target: { kind: 'nodes', id: '00000000-0000-4000-8000-000000000001', name: 'worker-001' },
      nodes: ['worker-001'],
      before: { groups: ['worker'], notes: '', privateIp: '10.20.0.2' },
      after: { groups: ['worker', 'gpu'], notes: 'moved to rack 7', privateIp: '10.20.0.2' },
    }),
    fakeAuditEntry(123, {
      who: { kind: 'person', id: 'person-olga', name: 'Olga Operator', role: 'operator' },
      what: 'startOperation',
      result: 'refused',
      status: 403,
      code: 'not-allowed',
      message: 'Olga Operator may not act on db-1: it is in none of the groups worker, gpu of this account.',
      nodes: ['db-1'],
      input: { spec: { kind: 'rotate' }, range: 'db-1' },
    }),
    fakeAuditEntry(124, {
      who: { kind: 'nobody', id: null, name: 'root@example.org', role: null },
      what: 'signIn',
      result: 'refused',
      status: 401,
      code: 'not-signed-in',
      message: 'E-mail or password is wrong.',
      nodes: [],
      input: { email: 'root@example.org' },
      leftOut: 37,
    }),
    fakeAuditEntry(125, {
      who: { kind: 'key', id: 'key-1', name: 'nightly', role: 'operator' },
      from: 'local',
      what: 'makeKey',
      nodes: [],
      input: { name: 'nightly' },
    }),
  ];
}
