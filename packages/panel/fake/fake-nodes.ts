import type { Event, Facts, Node, NodeCertificate, NodeServices } from '@muster/api';

/** A node of the fake with all that the API shows of it. */
export type FakeNode = { node: Node; services: NodeServices; certificates: NodeCertificate[] };

const startMs = Date.UTC(2026, 10, 21, 8, 0, 0);
const iso = (ms: number) => new Date(ms).toISOString();

/** An id that is a valid UUID and tells the number it was made from. */
const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const gibibyte = 1024 ** 3;

const gpuOf = (number: number, at: number) => ({
  model: 'NVIDIA A100-SXM4-80GB',
  memoryBytes: 80 * gibibyte,
  uuid: `GPU-${idOf(number * 10 + at)}`,
});

function factsOf(number: number, name: string, privateIp: string): Facts {
  const gpuCount = number % 4 === 0 ? 8 : 0;
  return {
    hostname: name,
    addresses: [
      { interface: 'eth0', address: privateIp, family: 'ipv4' },
      { interface: 'eth0', address: `fd00:10::${number.toString(16)}`, family: 'ipv6' },
    ],
    cores: number % 4 === 0 ? 128 : 16 * ((number % 3) + 1),
    memoryBytes: (number % 4 === 0 ? 1024 : 64 * ((number % 3) + 1)) * gibibyte - 123_456_789,
    gpus: Array.from({ length: gpuCount }, (_, at) => gpuOf(number, at)),
    os: { id: 'debian', version: '13', name: 'Debian GNU/Linux 13 (trixie)' },
    kernel: '6.12.48+deb13-amd64',
    architecture: 'x64',
    bootId: idOf(900_000 + number),
    agentVersion: '0.1.0',
  };
}

const serialOf = (number: number, generation: number) =>
  `${(0x3fa9_1c00 + number).toString(16)}7c41d0e95b${generation.toString(16).padStart(8, '0')}`;

function certificateOf(number: number, generation: number): NodeCertificate {
  const fromMs = startMs - (2 - generation) * 60 * 86_400_000;
  return {
    serial: serialOf(number, generation),
    nodeId: idOf(number),
    fingerprint: 'ab'.repeat(32),
    notBefore: iso(fromMs),
    notAfter: iso(fromMs + 90 * 86_400_000),
    issuedAt: iso(fromMs),
    revokedAt: null,
    revocationReason: null,
  };
}

/** A node that fares well, with everything filled in. Further members override. */
export function goodNode(number: number, changes: Partial<Node> = {}): FakeNode {
  const name = changes.name ?? `worker-${String(number).padStart(3, '0')}.cluster.example.org`;
  const privateIp = `10.20.${Math.floor(number / 250)}.${(number % 250) + 1}`;
  const node: Node = {
    id: idOf(number),
    name,
    privateIp,
    publicIp: number % 3 === 0 ? `203.0.113.${number % 250}` : null,
    labels: {},
    groups: ['worker'],
    environments: number % 7 === 0 ? 'off' : 'on',
    notes: '',
    revision: 1,
    registration: 'registered',
    registeredAt: iso(startMs),
    health: { state: 'good', reasons: [], since: iso(startMs) },
    connected: true,
    lastHeartbeatAt: iso(startMs + 3_600_000),
    heartbeatAgeSeconds: (number * 1.7) % 10,
    clockSkewSeconds: 0.012,
    facts: factsOf(number, name, privateIp),
    certificateSerial: serialOf(number, 1),
    certificateExpiresAt: certificateOf(number, 1).notAfter,
    certificateIssuedAt: '2026-01-01T00:00:00.000Z',
    sources: { name: 'administrator', privateIp: 'administrator', publicIp: null },
    mismatches: [],
    maintenance: null,
    scheduling: { state: 'open', reason: '', by: null, since: null },
    agent: { state: 'normal', message: '', since: null, attempts: 0 },
    createdAt: iso(startMs + number * 1000),
    updatedAt: iso(startMs + number * 1000),
    ...changes,
  };
  return {
    node,
    services: {
      unavailableReason: null,
      items: ['docker.service', 'slurmd.service', 'chrony.service'].map((unit) => ({
        unit,
        state: 'running',
        detail: 'running',
        since: iso(startMs),
      })),
    },
    certificates: [
      certificateOf(number, 1),
      { ...certificateOf(number, 0), revokedAt: iso(startMs), revocationReason: 'replaced by a newer one' },
    ],
  };
}

const hostileText = '<img src=x onerror="window.hacked=true"><script>window.hacked=true</script>';

/** One node of each kind that is hard to show: unheard, never heard, degraded for many reasons, hostile, huge, unlike its name. */
export function nastyNodes(): FakeNode[] {
  const degraded = goodNode(901, {
    name: 'gpu-901.cluster.example.org',
    health: {
      state: 'degraded',
      since: iso(startMs + 1_800_000),
      reasons: [
        { code: 'service-not-running', message: 'slurmd.service is failed (exit-code)', unit: 'slurmd.service' },
        { code: 'certificate-near-end', message: 'the certificate ends in 9 days' },
      ],
    },
    clockSkewSeconds: -42.4,
    labels: { rack: 'r12', 'example.org/purpose': 'training' },
    notes: 'Fan 3 is loud.\nSeen by the night shift.',
  });
  const slurm = degraded.services.items[1];
  if (slurm !== undefined) Object.assign(slurm, { state: 'failed', detail: 'exit-code' });

  const bad = goodNode(902, {
    name: 'worker-902.cluster.example.org',
    connected: false,
    heartbeatAgeSeconds: 754,
    health: {
      state: 'bad',
      since: iso(startMs + 2_000_000),
      reasons: [{ code: 'not-heard', message: 'not heard for 12 min; the limit is 30 s' }],
    },
  });
  bad.services.items = bad.services.items.map((service) => ({ ...service, state: 'unknown', detail: '', since: null }));

  const label = (letter: string, length: number) => `a-very-long-label-${letter.repeat(length - 18)}`;
  const long = goodNode(905, {
    name: [label('x', 63), label('y', 63), label('z', 63), label('w', 61)].join('.'),
    privateIp: '2001:db8:85a3:1234:5678:8a2e:370:7334',
    publicIp: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff',
  });
  const renamed = goodNode(906, { name: 'renamed-906.cluster.example.org' });
  renamed.node.facts = factsOf(906, 'template-image.local', '10.99.0.1');
  renamed.node.mismatches = [
    { member: 'hostname', decided: renamed.node.name, reported: 'template-image.local' },
    { member: 'privateIp', decided: renamed.node.privateIp ?? '', reported: '10.99.0.1' },
  ];
  return [degraded, bad, neverHeard(), hostileNode(), long, renamed, ...workedOn()];
}

function neverHeard(): FakeNode {
  const never = goodNode(903, {
    name: 'new-903',
    privateIp: null,
    publicIp: null,
    registration: 'pending',
    registeredAt: null,
    connected: false,
    lastHeartbeatAt: null,
    heartbeatAgeSeconds: null,
    clockSkewSeconds: null,
    facts: null,
    certificateSerial: null,
    certificateExpiresAt: null,
    certificateIssuedAt: null,
    sources: { name: 'administrator', privateIp: 'administrator', publicIp: null },
    mismatches: [],
    maintenance: null,
    scheduling: { state: 'open', reason: '', by: null, since: null },
    agent: { state: 'normal', message: '', since: null, attempts: 0 },
    groups: [],
    health: { state: 'unknown', since: null, reasons: [{ code: 'not-registered', message: 'the agent has not enrolled yet' }] },
  });
  never.services.items = [];
  never.certificates = [];
  return never;
}

function hostileNode(): FakeNode {
  const hostile = goodNode(904, { name: 'hostile-904' });
  hostile.node.facts = {
    ...factsOf(904, hostileText, '10.20.3.155'),
    hostname: hostileText,
    kernel: hostileText,
    os: { id: hostileText.slice(0, 60), version: '1', name: hostileText },
    agentVersion: hostileText.slice(0, 60),
  };
  hostile.node.mismatches = [{ member: 'hostname', decided: hostile.node.name, reported: hostileText }];
  hostile.node.health = {
    ...hostile.node.health,
    reasons: [{ code: 'services-unavailable', message: 'Services are not watched: systemd does not run this machine.' }],
  };
  hostile.services = { unavailableReason: `no systemd ${hostileText}`, items: [] };
  return hostile;
}

/** Nodes on which somebody, or the server, is at work. */
function workedOn(): FakeNode[] {
  const since = iso(startMs + 1_000_000);
  return [
    goodNode(911, {
      name: 'worker-911.cluster.example.org',
      maintenance: { reason: 'Fan 3 is being replaced', by: 'Ada Admin', since, until: iso(startMs + 90_000_000) },
      scheduling: { state: 'drained', reason: 'Fan 3 is being replaced', by: 'Ada Admin', since },
    }),
    goodNode(912, {
      name: 'worker-912.cluster.example.org',
      scheduling: { state: 'cordoned', reason: 'slow disk', by: 'Ada Admin', since },
      sources: { name: 'inventory', privateIp: 'inventory', publicIp: 'agent' },
    }),
    goodNode(913, {
      name: 'worker-913.cluster.example.org',
      connected: false,
      heartbeatAgeSeconds: 301,
      agent: { state: 'restarting', message: 'Not heard for 5 min; tried again in 40 s.', since, attempts: 3 },
      health: { state: 'bad', since, reasons: [{ code: 'not-heard', message: 'not heard for 5 min; the limit is 30 s' }] },
    }),
    goodNode(914, {
      name: 'worker-914.cluster.example.org',
      connected: false,
      heartbeatAgeSeconds: 7_000,
      agent: { state: 'needs-attention', message: 'Five restarts over SSH did not bring it back.', since, attempts: 5 },
      health: { state: 'bad', since, reasons: [{ code: 'not-heard', message: 'not heard for 1 h 56 min; the limit is 30 s' }] },
    }),
    goodNode(915, {
      name: 'worker-915.cluster.example.org',
      connected: false,
      heartbeatAgeSeconds: 90,
      agent: { state: 'stopped', message: 'Stopped by Ada Admin.', since, attempts: 0 },
      health: { state: 'bad', since, reasons: [{ code: 'not-heard', message: 'not heard for 1 min; the limit is 30 s' }] },
    }),
  ];
}

/** Events with growing ids, oldest first. */
export function fakeEvents(count: number): Event[] {
  return Array.from({ length: count }, (_, at) => fakeEvent(at + 1));
}

/** An event of the fake. */
export function fakeEvent(id: number, changes: Partial<Event> = {}): Event {
  const number = (id % 5) + 1;
  const name = `worker-${String(number).padStart(3, '0')}.cluster.example.org`;
  return {
    id,
    at: iso(startMs + id * 7_000),
    kind: id % 3 === 0 ? 'node-connected' : 'node-health',
    severity: id % 11 === 0 ? 'error' : id % 4 === 0 ? 'warning' : 'info',
    nodeId: idOf(number),
    nodeName: name,
    message: id % 3 === 0 ? `${name} connected` : `${name} is good: event ${id}`,
    data: {},
    ...changes,
  };
}
