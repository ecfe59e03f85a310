import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export type ReceivedMail = {
  readonly to: readonly string[];
  readonly from: string;
  readonly user: string | undefined;
  readonly isEncrypted: boolean;
  readonly raw: string;
};

/** A real mail server of a test, on a port of its own. */
export class MailReceiver {
  readonly mails: ReceivedMail[] = [];
  readonly #server: SMTPServer;

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      logger: false,
      onData: (stream, session, done) => {
        void text(stream).then((raw) => {
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({
            to: rcptTo.map((one) => one.address),
            from: mailFrom === false ? '' : mailFrom.address,
            user: session.user,
            isEncrypted: session.secure,
            raw,
          });
          done();
        });
      },
      ...options,
    });
    this.#server.on('error', () => undefined);
  }

  static open(options: SMTPServerOptions = {}): Promise<MailReceiver> {
    const receiver = new MailReceiver(options);
    return new Promise((resolve) => {
      receiver.#server.listen(0, '127.0.0.1', () => resolve(receiver));
    });
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
