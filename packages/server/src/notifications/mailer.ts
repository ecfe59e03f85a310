import { readFile } from 'node:fs/promises';
import type { TellOutcome } from '@muster/controllers';
import { createTransport } from 'nodemailer';
import type { Config } from '../config/config.ts';
import { trustOf } from './trust-of.ts';

export type Mail = {
  /** The same for each attempt, so that a mailbox that gets it twice can tell. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
};

/** Sends mails through the server of the configuration. */
export type Mailer = {
  /** Sends it, or says why not. @throws the reason of the signal, when that ends it */
  send(mail: Mail, signal: AbortSignal): Promise<TellOutcome>;
};

type MailConfig = Config['mail'];

const timesMs = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 };

/** Undefined where the configuration names no mail server. */
export function makeMailer(config: MailConfig): Mailer | undefined {
  const { host, from } = config;
  if (host === undefined || from === undefined) return undefined;
  return {
    send: async (mail, signal) => {
      signal.throwIfAborted();
      try {
        await unlessAborted(sendMail({ ...config, host, from }, mail), signal);
        return { told: true };
      } catch (error) {
        signal.throwIfAborted();
        return { told: false, ...describe(error) };
      }
    },
  };
}

async function sendMail(config: MailConfig & { host: string; from: string }, { id, to, subject, text }: Mail): Promise<void> {
  const { host, port, from, tls } = config;
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'off',
    tls: { minVersion: 'TLSv1.2', ...(await trustOf(config.caFile)) },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...timesMs,
    ...(await credentialsOf(config)),
  });
  try {
    await transport.sendMail({
      from,
      to,
      subject,
      text,
      messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1).replace('>', '')}>`,
      headers: { 'auto-submitted': 'auto-generated', 'x-muster-delivery': id },
    });
  } finally {
    transport.close();
  }
}

/** Read for each mail, so that a new password needs no restart. */
async function credentialsOf({ user, passwordFile }: MailConfig): Promise<{ auth?: { user: string; pass: string } }> {
  if (user === undefined || passwordFile === undefined) return {};
  const pass = await readFile(passwordFile, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`the password cannot be read from ${passwordFile} (${cause.code})`, { cause });
  });
  return { auth: { user, pass: pass.replace(/\r?\n$/u, '') } };
}

/** Does not wait for what cannot be broken off: the library ends it by its own time-outs. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

type SmtpError = Error & { readonly code?: string; readonly command?: string; readonly responseCode?: number };

/** What the mail server said, without what it was told. A mailbox that it refuses for good stays refused. */
function describe(error: unknown): { message: string; permanent: boolean } {
  const { message, command, responseCode = 0 } = error as SmtpError;
  return { message: `the mail server: ${message}`.slice(0, 500), permanent: command === 'RCPT TO' && responseCode >= 500 };
}
