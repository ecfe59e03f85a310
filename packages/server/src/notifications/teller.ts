import type { TellerPort, TellOutcome } from '@muster/controllers';
import { type Clock, composeMail, webhookBody } from '@muster/core';
import type { NotificationTarget } from '@muster/store';
import type { SecretSealer } from '../identity/secret-sealer.ts';
import type { AddressGuard } from './address-guard.ts';
import type { Mailer } from './mailer.ts';
import { sendWebhook } from './send-webhook.ts';

export type TellerParts = {
  readonly sealer: SecretSealer;
  readonly guard: AddressGuard;
  /** Certificates that webhooks are trusted by, where not those of the machine. */
  readonly webhookCaFile: string | undefined;
  /** Undefined where no mail server is configured. */
  readonly mailer: Mailer | undefined;
  readonly clock: Clock;
  readonly panelUrl: string;
  readonly version: string;
};

/** Tells webhooks and mailboxes. */
export type Teller = TellerPort & {
  readonly canMail: boolean;
  /** Sends something that says it is a test. */
  test(target: NotificationTarget, id: string, signal: AbortSignal): Promise<TellOutcome>;
};

const noMail: TellOutcome = {
  told: false,
  message: 'this server sends no mail: its configuration has no mail.host and mail.from',
  permanent: false,
};

/** What the secret of a webhook is sealed for. Its name stands there too: it does not open for another one. */
export const webhookPurpose = (name: string): string => `webhook ${name}`;

export function makeTeller(parts: TellerParts): Teller {
  const { sealer, guard, webhookCaFile: caFile, mailer, clock, panelUrl, version } = parts;
  const call = (target: NotificationTarget, deliveryId: string, body: string, signal: AbortSignal) => {
    const secret = sealer.open(webhookPurpose(target.name), target.sealedSecret ?? '');
    return sendWebhook({ url: target.address, secret, deliveryId, body, nowMs: clock.wallMs(), version, guard, caFile, signal });
  };
  return {
    canMail: mailer !== undefined,
    tell: async ({ id, target, events, missed }, signal) => {
      if (target.kind === 'webhook') return call(target, id, webhookBody({ deliveryId: id, events, missed }), signal);
      return mailer === undefined ? noMail : mailer.send({ id, to: target.address, ...composeMail({ events, missed, panelUrl }) }, signal);
    },
    test: async (target, id, signal) => {
      if (target.kind === 'webhook') return call(target, id, JSON.stringify({ id, events: [], missed: 0, test: true }), signal);
      const text = `This is a test: Muster at ${panelUrl} can reach you.\n`;
      return mailer === undefined ? noMail : mailer.send({ id, to: target.address, subject: '[Muster] This is a test', text }, signal);
    },
  };
}
