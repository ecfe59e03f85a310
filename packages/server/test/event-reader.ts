import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Event } from '@muster/api';
import { vi } from 'vitest';
import type { Place } from './requests.ts';

/** How long and how often a test waits for what must come. */
export const waiting = { timeout: 10_000, interval: 20 } as const;

/** A reader of server-sent events. */
export class EventReader {
  readonly events: Event[] = [];
  ended = false;
  text = '';
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #rest = '';

  private constructor(sent: ClientRequest, response: IncomingMessage) {
    this.#request = sent;
    this.response = response;
    response.setEncoding('utf8').on('data', (chunk: string) => this.#take(chunk));
    response.on('close', () => {
      this.ended = true;
    });
    response.on('error', () => undefined);
  }

  static open(place: Place, headers: Record<string, string> = {}, path = '/api/v1/events'): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const to = 'port' in place ? { host: '127.0.0.1', port: place.port } : place;
      const sent = request({ ...to, path, headers: { accept: 'text/event-stream', ...headers }, agent: false });
      sent.on('response', (response) => resolve(new EventReader(sent, response)));
      sent.on('error', reject);
      sent.end();
    });
  }

  get ids(): number[] {
    return this.events.map((event) => event.id);
  }

  close(): void {
    this.#request.destroy();
  }

  async until(matches: (event: Event) => boolean): Promise<void> {
    await vi.waitFor(() => {
      if (!this.events.some(matches)) throw new Error('not yet');
    }, waiting);
  }

  async untilEnded(): Promise<void> {
    await vi.waitFor(() => {
      if (!this.ended) throw new Error('still open');
    }, waiting);
  }

  #take(chunk: string): void {
    this.text += chunk;
    const blocks = (this.#rest + chunk).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) this.events.push(JSON.parse(data.slice(6)) as Event);
    }
  }
}
