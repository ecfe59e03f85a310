import type { Node } from '@muster/api';

/** A line of `muster node ensure -`, as a run sends it. */
type Wanted = Pick<Node, 'name' | 'privateIp' | 'groups'> & { readonly labels?: Node['labels']; readonly token: boolean };

/** The management server of a fake driver: what its command line prints, and the nodes behind it. */
export class FakeMuster {
  readonly nodes = new Map<string, Node>();
  readonly tokens = new Map<string, string>();
  /** Set to let the command print this instead. */
  answer: string | undefined;
  links = 0;
  #made = 0;

  /** Adds a node as an earlier run left it, or changes one. */
  put(name: string, change: Partial<Node> = {}): void {
    this.nodes.set(name, { ...(this.nodes.get(name) ?? freshNode(name, this.#made++)), ...change });
  }

  /** Runs `muster ARGS...` and returns what it prints. */
  run(args: readonly string[], stdin: string): string {
    if (this.answer !== undefined) return this.answer;
    const command = args.filter((word) => !word.startsWith('-')).join(' ');
    if (command === 'nodes json') return JSON.stringify([...this.nodes.values()], null, 2);
    if (command === 'node ensure') return JSON.stringify((JSON.parse(stdin) as Wanted[]).map((wanted) => this.#ensure(wanted)));
    if (command === 'sign-in-link json') return JSON.stringify({ url: `https://10.0.0.10:7420/sign-in#secret-${++this.links}` });
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

  #ensure({ token, ...wanted }: Wanted): { name: string; token?: string } {
    this.put(wanted.name, wanted);
    if (!token) return { name: wanted.name };
    const secret = `muster1.secret-of-${wanted.name}-${++this.#made}`;
    this.tokens.set(wanted.name, secret);
    return { name: wanted.name, token: secret };
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
    createdAt: at,
    updatedAt: at,
    revision: 1,
  };
}
