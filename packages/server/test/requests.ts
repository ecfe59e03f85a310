import { request } from 'node:http';
import { connect } from 'node:net';
import { type Client, createClient, type FetchLike } from '@muster/api';

export type Answer = { readonly status: number; readonly headers: Record<string, string | string[] | undefined>; readonly text: string };
export type Wish = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string | Uint8Array };
/** Where a request goes. */
export type Place = { readonly socketPath: string } | { readonly port: number };

/** One request as it is written: nothing is resolved or mended on the way. */
export function ask(place: Place, path: string, { method = 'GET', headers = {}, body }: Wish = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const to = 'port' in place ? { host: '127.0.0.1', port: place.port } : place;
    const sent = request({ ...to, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Bytes as they are, to a port; what comes back until the end. */
export function askRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text)).on('error', reject);
    socket.end(bytes);
  });
}

const fetchVia =
  (place: Place, headersOf: () => Record<string, string> = () => ({}), onAnswer?: (answer: Answer) => void): FetchLike =>
  async (url, init) => {
    const wish = { method: init.method, headers: { ...init.headers, ...headersOf() } };
    const answer = await ask(place, url, init.body === undefined ? wish : { ...wish, body: init.body });
    onAnswer?.(answer);
    return { status: answer.status, text: async () => answer.text };
  };

/** The typed client through the Unix socket. */
export const localClient = (socketPath: string): Client => createClient('', fetchVia({ socketPath }));

/** Someone with a browser: the typed client over HTTP, and the cookies it was given. */
export class Person {
  readonly client: Client;
  readonly port: number;
  readonly cookies = new Map<string, string>();
  readonly setCookies: string[] = [];

  constructor(port: number) {
    this.port = port;
    this.client = createClient(
      '',
      fetchVia(
        { port },
        () => this.headers(),
        (answer) => this.#keep(answer),
      ),
    );
  }

  headers(): Record<string, string> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return cookie === '' ? {} : { cookie };
  }

  ask(path: string, wish: Wish = {}): Promise<Answer> {
    return ask({ port: this.port }, path, { ...wish, headers: { ...this.headers(), ...wish.headers } });
  }

  #keep({ headers }: Answer): void {
    for (const line of (headers['set-cookie'] as string[] | undefined) ?? []) {
      this.setCookies.push(line);
      const [pair = ''] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      if (/max-age=0/iu.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value.join('='));
    }
  }
}

/** The problem in an answer. */
export const problemIn = ({ text }: Answer): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
