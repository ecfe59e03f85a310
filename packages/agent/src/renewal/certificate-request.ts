import { randomUUID } from 'node:crypto';
import type { AgentMessage, ServerMessage } from '@muster/api/agent';
import { AgentError } from '../agent-error.ts';
import type { Clock } from '../clock.ts';

const answerTimeoutMs = 60_000;

type Open = { readonly id: string; readonly settle: (answer: string | AgentError) => void };

/** One question for a certificate at a time, and its answer. */
export class CertificateRequest {
  readonly #clock: Clock;
  readonly #send: (message: AgentMessage) => boolean;
  #open: Open | undefined;

  constructor(clock: Clock, send: (message: AgentMessage) => boolean) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Sends the request; resolves with the chain as PEM. Throws an `AgentError`: `refused` in the server's words, else `unreachable`. */
  ask(csrPem: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const id = randomUUID();
      const cancel = this.#clock.after(answerTimeoutMs, () => this.connectionLost());
      const settle = (answer: string | AgentError): void => {
        cancel();
        this.#open = undefined;
        if (typeof answer === 'string') resolve(answer);
        else reject(answer);
      };
      this.#open = { id, settle };
      if (!this.#send({ type: 'renew', id, csrPem })) this.connectionLost();
    });
  }

  /** Takes the server's answer; messages for other questions are left alone. */
  answered(message: ServerMessage): void {
    if (this.#open === undefined) return;
    if (message.type === 'certificate' && message.id === this.#open.id) this.#open.settle(message.chainPem);
    if (message.type === 'renewal-refused' && message.id === this.#open.id) {
      this.#open.settle(new AgentError('refused', `The server refused the renewal: ${message.reason.slice(0, 300)}`));
    }
  }

  /** Gives up waiting. The request can be repeated as it is. */
  connectionLost(): void {
    this.#open?.settle(new AgentError('unreachable', 'The server gave no answer to the renewal'));
  }
}
