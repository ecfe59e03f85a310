import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type FakeMember = { name: string; host: string; state: string; lag: number | 'unknown'; isSynchronous: boolean };

/** How a Patroni misbehaves: it never answers, answers that it cannot, does not do it, does not know, takes no password, lets another one lead. */
type Trouble = 'hung' | 'unavailable' | 'refuses' | 'unknown' | 'wrong-password' | 'other' | 'nonsense';

/** A stand-in for the Patronis of a pool: their REST interface as that of 4.0.7, on any number of doors. It promotes nothing. */
export class FakePatroni {
  readonly members: FakeMember[];
  leader: string | null;
  synchronousCount = 1;
  trouble: Trouble | undefined;
  /** What was asked of it, without looks. */
  readonly asked: string[] = [];
  /** Called when another one leads. */
  onLeader: (name: string) => void = () => undefined;
  readonly password: string;
  readonly #servers: Server[] = [];
  readonly #urls = new Map<string, string>();

  constructor(names: readonly string[], password = 'secret') {
    this.password = password;
    this.leader = names[0] ?? null;
    this.members = names.map((name, at) => ({ name, host: `10.0.0.${at + 1}`, state: 'streaming', lag: 0, isSynchronous: at === 1 }));
  }

  /** Opens the door of one member. Returns its URL. */
  async open(name: string, tls?: ServerOptions): Promise<string> {
    const listener: RequestListener = (request, response) => void this.#answer(request, response);
    const server = tls === undefined ? createServer(listener) : (createTlsServer(tls, listener) as unknown as Server);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#urls.set(name, url);
    return url;
  }

  member(name: string): FakeMember {
    const found = this.members.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the fake has no ${name}`);
    return found;
  }

  /** As etcd takes it: the one who leads, the other who copies. */
  lead(name: string): void {
    const before = this.leader;
    this.leader = name;
    this.member(name).isSynchronous = false;
    if (before !== null && before !== name) this.member(before).isSynchronous = true;
    this.onLeader(name);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const sent = await text(request);
    if (this.trouble === 'hung') return;
    const end = (status: number, body: string) => void response.writeHead(status).end(body);
    if (method === 'GET') return this.#look(url, end);
    this.asked.push(`${method} ${url} ${sent}`);
    const given = Buffer.from(`muster:${this.password}`).toString('base64');
    if (this.trouble === 'wrong-password' || request.headers.authorization !== `Basic ${given}`) return end(401, 'wrong authentication');
    const body = JSON.parse(sent) as { candidate?: string; leader?: string; synchronous_node_count?: number };
    if (method === 'PATCH') return this.#setCount(body.synchronous_node_count ?? 0, end);
    return this.#change(url, body.candidate ?? '', end);
  }

  #look(url: string, end: (status: number, body: string) => void): void {
    if (this.trouble === 'unavailable') return end(503, 'etcd is not there');
    if (this.trouble === 'nonsense') return end(200, '<html>');
    if (url === '/config') return end(200, JSON.stringify({ ttl: 20, synchronous_node_count: this.synchronousCount }));
    const members = this.members.map(({ name, host, state, lag, isSynchronous }) => {
      const own = { name, host, port: 25_432, api_url: `${this.#urls.get(name) ?? 'https://10.9.9.9:28008'}/patroni` };
      if (name === this.leader) return { ...own, state: 'running', role: 'leader' };
      return { ...own, state, lag, role: isSynchronous ? 'sync_standby' : 'replica' };
    });
    end(200, JSON.stringify({ members, scope: 'muster' }));
  }

  #setCount(count: number, end: (status: number, body: string) => void): void {
    if (this.trouble === 'unavailable') return end(503, '');
    this.synchronousCount = count;
    // All that follow are waited for then.
    for (const one of this.members) if (count > 1 && one.name !== this.leader) one.isSynchronous = true;
    end(200, '{}');
  }

  #change(url: string, candidate: string, end: (status: number, body: string) => void): void {
    const action = url === '/failover' ? 'Failed' : 'Switched';
    if (this.trouble === 'unavailable') return end(503, 'failed to write failover key into DCS');
    if (this.trouble === 'unknown') return end(503, `${url === '/failover' ? 'Failover' : 'Switchover'} status unknown`);
    if (this.trouble === 'refuses') return end(412, 'no good candidates have been found');
    if (this.trouble === 'other') {
      const other = this.members.find(({ name }) => name !== candidate && name !== this.leader)?.name ?? 'nobody';
      this.lead(other);
      return end(200, `${action} over to "${other}" instead of "${candidate}"`);
    }
    if (url === '/switchover' && !this.member(candidate).isSynchronous) return end(412, 'candidate name does not match with sync_standby');
    this.lead(candidate);
    end(200, `Successfully ${action.toLowerCase()} over to "${candidate}"`);
  }
}
