import type { AgentCheck, AgentControl, AgentControlSet, Node, PoolStatus } from '@muster/api';

/** A line of `muster node ensure -`, as a run sends it. */
type Wanted = Pick<Node, 'name' | 'privateIp' | 'groups'> & {
  readonly labels?: Node['labels'];
  readonly environments?: Node['environments'];
  readonly token: boolean;
  readonly reissue: boolean;
  readonly control?: Required<AgentControlSet> | null;
};

/** What the others know of a server. */
export type FakeMember = Pick<PoolStatus['members'][number], 'state' | 'lostAt' | 'agents' | 'version'>;

/** The management server of a fake driver: what its command line prints, and the nodes behind it. */
export class FakeMuster {
  readonly nodes = new Map<string, Node>();
  readonly tokens = new Map<string, string>();
  /** How it reaches nodes over SSH. */
  readonly control = new Map<string, Required<AgentControlSet>>();
  /** Nodes to which it cannot log in by itself, with what it says of them. */
  readonly locked = new Map<string, string>();
  publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake';
  /** The key that is to follow. */
  nextPublicKey: string | null = null;
  /** Set to let the command print this instead. */
  answer: string | undefined;
  /** Nodes whose certificates were revoked for a new one. */
  readonly reissued: string[] = [];
  links = 0;
  #made = 0;

  /** Adds a node as an earlier run left it, or changes one. */
  put(name: string, change: Partial<Node> = {}): void {
    this.nodes.set(name, { ...(this.nodes.get(name) ?? freshNode(name, this.#made++)), ...change });
  }

  /** Servers that share the database, by the names of their hosts. */
  readonly members = new Map<string, FakeMember>();
  protection: PoolStatus['database']['protection'] = 'synchronous';

  /** A server has come up. */
  serve(name: string, version: string): void {
    this.members.set(name, { state: 'active', lostAt: null, agents: 4, ...this.members.get(name), version });
  }

  /** `muster pool ...` as the server of a host answers it. */
  runPool(name: string, [what = '', id = '']: readonly string[], isPrimary: boolean): string {
    const member = this.members.get(id);
    if (what === 'drain' && member !== undefined) this.members.set(id, { ...member, state: 'draining', agents: 0 });
    if (what === 'undrain' && member !== undefined) this.members.set(id, { ...member, state: 'active', agents: 4 });
    return what === 'status' ? JSON.stringify(this.#pool(name, isPrimary)) : '';
  }

  #pool(answeredBy: string, isPrimary: boolean): PoolStatus {
    const members = [...this.members].map(([id, one]) => ({
      ...{ id, name: id, zone: '', agentAddresses: [], panelUrl: `https://${id}:7420`, clockSkewMs: 0, certificates: [], heardAgeMs: 0 },
      ...{ joinedAt: '2026-01-01T00:00:00.000Z', startedAt: '2026-01-01T00:00:00.000Z' },
      ...one,
    }));
    const copy = { place: answeredBy, memberId: answeredBy, synchronous: true, lagBytes: 0, lagSeconds: 0 };
    const copies = [{ ...copy, role: isPrimary ? ('primary' as const) : ('replica' as const) }];
    const database = { kind: 'pool' as const, copies, protection: this.protection, note: null };
    return { answeredBy, members, leases: [], database, promotion: null, ageSeconds: null };
  }

  /** Runs `muster ARGS...` and returns what it prints. */
  run(args: readonly string[], stdin: string): string {
    if (this.answer !== undefined) return this.answer;
    const command = args.filter((word) => !word.startsWith('-')).join(' ');
    if (command === 'nodes json') return JSON.stringify([...this.nodes.values()], null, 2);
    if (command === 'node ensure') return JSON.stringify((JSON.parse(stdin) as Wanted[]).map((wanted) => this.#ensure(wanted)));
    if (command === 'agent access json') return JSON.stringify(this.#access());
    if (command === 'agent check json') return JSON.stringify((JSON.parse(stdin) as string[]).map((name) => this.#check(name)));
    if (command === 'sign-in-link json') return JSON.stringify({ url: `https://10.0.0.10:7420/sign-in#secret-${++this.links}` });
    if (command.startsWith('node remove ')) return this.#remove(args.at(-1) ?? '');
    throw new Error(`the fake server does not know: muster ${args.join(' ')}`);
  }

  /** The agent of a node enrols with a token. */
  redeem(token: string): string {
    const name = [...this.tokens].find(([, its]) => its === token)?.[0];
    if (name === undefined) throw new Error(`nobody was given the token ${token}`);
    this.tokens.delete(name);
    this.put(name, { registration: 'registered', certificateSerial: 'ab'.repeat(16) });
    return name;
  }

  /** The agent of a node is up: its node is good from now on. */
  hear(name: string): void {
    if (this.nodes.get(name)?.registration === 'registered')
      this.put(name, { connected: true, health: { state: 'good', reasons: [], since: null } });
  }

  #remove(name: string): string {
    this.control.delete(name);
    return this.nodes.delete(name) ? 'Removed.' : '';
  }

  #access() {
    const items = [...this.control].map(([nodeName, control]): AgentControl => ({
      nodeId: this.nodes.get(nodeName)?.id ?? '',
      nodeName,
      ...control,
      refusedKey: null,
      since: '2026-01-01T00:00:00.000Z',
    }));
    return { user: 'muster-control', publicKey: this.publicKey, fingerprint: 'SHA256:fake', nextPublicKey: this.nextPublicKey, items };
  }

  #check(nodeName: string): AgentCheck {
    const trouble = this.locked.get(nodeName);
    const nodeId = this.nodes.get(nodeName)?.id ?? '';
    if (trouble !== undefined) return { nodeId, nodeName, reached: false, message: trouble, byHand: `ssh ${nodeName} true` };
    return { nodeId, nodeName, reached: this.control.has(nodeName), message: 'active', byHand: null };
  }

  #ensure({ token, reissue, control, ...wanted }: Wanted): { name: string; id: string; token?: string } {
    const owner = [...this.nodes.values()].find(
      ({ name, privateIp }) => name !== wanted.name && privateIp !== null && privateIp === wanted.privateIp,
    );
    if (owner !== undefined) throw new Error(`Node ${wanted.name} cannot have the address ${owner.privateIp}: ${owner.name} has it.`);
    this.put(wanted.name, wanted);
    const { id, registration } = this.nodes.get(wanted.name) ?? freshNode(wanted.name, 0);
    // As the server has it: no second certificate beside one that counts.
    if (token && registration === 'registered' && !reissue) throw new Error(`${wanted.name} is registered already`);
    if (reissue) this.reissued.push(wanted.name);
    if (control === null) this.control.delete(wanted.name);
    else if (control !== undefined) this.control.set(wanted.name, control);
    if (!token) return { name: wanted.name, id };
    const secret = `muster1.secret-of-${wanted.name}-${++this.#made}`;
    this.tokens.set(wanted.name, secret);
    return { name: wanted.name, id, token: secret };
  }
}

function freshNode(name: string, number: number): Node {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    name,
    privateIp: null,
    publicIp: null,
    labels: {},
    groups: [],
    environments: 'on',
    notes: '',
    registration: 'pending',
    registeredAt: null,
    health: { state: 'unknown', reasons: [{ code: 'not-registered', message: 'The agent has not enrolled yet.' }], since: null },
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
    createdAt: at,
    updatedAt: at,
    revision: 1,
  };
}
