import { apiPrefix, type ConsoleNotice, ConsoleNotice as NoticeSchema } from '@muster/api';
import { WebSocket } from 'ws';

/** Somebody at a console, as a program would be. */
export class ConsoleClient {
  readonly notices: ConsoleNotice[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<void>;
  shown = '';

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => void socket.on('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.shown += data.toString('latin1');
      else this.notices.push(NoticeSchema.parse(JSON.parse(data.toString('utf8'))));
    });
  }

  type(text: string): void {
    this.socket.send(Buffer.from(text, 'latin1'));
  }

  take(): void {
    this.socket.send(JSON.stringify({ type: 'take' }));
  }

  last<T extends ConsoleNotice['type']>(type: T): Extract<ConsoleNotice, { type: T }> | undefined {
    return this.notices.findLast((one): one is Extract<ConsoleNotice, { type: T }> => one.type === type);
  }

  /** Whether it has the pen. */
  get writes(): boolean {
    return this.last('welcome') !== undefined && this.last('presence')?.writer === this.last('welcome')?.you;
  }

  /** Who watches. */
  get names(): string[] {
    return this.last('presence')?.viewers.map(({ name }) => name) ?? [];
  }
}

/** Opens the console of a node on a server: by its Unix socket, or by a port with the headers of whoever asks. */
export function openConsole(
  place: { readonly socketPath: string } | { readonly port: number; readonly headers?: Record<string, string> },
  node: string,
  query: Record<string, string> = {},
): ConsoleClient {
  const path = `${apiPrefix}/nodes/${node}/console?${new URLSearchParams(query).toString()}`;
  const socket =
    'port' in place
      ? new WebSocket(`ws://127.0.0.1:${place.port}${path}`, { headers: place.headers ?? {} })
      : new WebSocket(`ws+unix://${place.socketPath}:${path}`);
  return new ConsoleClient(socket);
}

/** What a server answers that gives no console: its status and the text of its problem. */
export function refusedConsole(client: ConsoleClient): Promise<{ readonly status: number; readonly detail: string }> {
  return new Promise((resolve, reject) => {
    client.socket.on('open', () => reject(new Error('it was opened')));
    client.socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, detail: (JSON.parse(body) as { detail: string }).detail }));
    });
  });
}
