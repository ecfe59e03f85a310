import { randomBytes, randomUUID } from 'node:crypto';
import { type NotificationTest, problem, type Session } from '@muster/api';
import { type Clock, RateLimit } from '@muster/core';
import type { NotificationTarget, Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import type { SecretSealer } from '../identity/secret-sealer.ts';
import type { AddressGuard } from '../notifications/address-guard.ts';
import { type Teller, webhookPurpose } from '../notifications/teller.ts';

export type WebhookHandlerParts = {
  readonly store: Pick<Store, 'webhooks' | 'subscriptions'>;
  readonly sealer: SecretSealer;
  readonly guard: AddressGuard;
  readonly teller: Teller;
  readonly clock: Clock;
};

type WebhookRoutes =
  | 'listWebhooks'
  | 'addWebhook'
  | 'renewWebhookSecret'
  | 'testWebhook'
  | 'enableWebhook'
  | 'removeWebhook'
  | 'testSubscription';

/** Tests go out at once, past the order and the rests of real messages. */
const testLimit = { perMinute: 10, burst: 20 };

/** So that a person knows it for what it is, wherever he finds it. */
const makeSecret = (): string => `muster-webhook-${randomBytes(32).toString('base64url')}`;

export const nameOf = (session: Session | undefined): string => session?.email ?? session?.name ?? 'nobody';

export function webhookHandlers(parts: WebhookHandlerParts): Pick<Handlers, WebhookRoutes> {
  const { store, sealer, guard } = parts;
  const limit = new RateLimit(parts.clock, testLimit);
  return {
    listWebhooks: async () => ({ items: await store.webhooks.list() }),
    addWebhook: async ({ body, session }) => {
      const refusal = guard.refusalOf(body.url);
      if (refusal !== undefined)
        throw problem('invalid-request', `This webhook may not be called: ${refusal}.`, [{ path: 'url', message: refusal }]);
      const secret = makeSecret();
      const webhook = await store.webhooks.add(body, sealer.seal(webhookPurpose(body.name), secret), nameOf(session));
      return { webhook, secret };
    },
    renewWebhookSecret: async ({ params }) => {
      const secret = makeSecret();
      const { id, name } = await store.webhooks.get(params.webhook);
      return { webhook: await store.webhooks.renewSecret(id, sealer.seal(webhookPurpose(name), secret)), secret };
    },
    enableWebhook: ({ params }) => store.webhooks.enable(params.webhook),
    removeWebhook: async ({ params }) => {
      await store.webhooks.remove(params.webhook);
      return undefined;
    },
    testWebhook: async ({ params }) => test(parts, limit, await store.webhooks.target(params.webhook)),
    testSubscription: async ({ params }) => test(parts, limit, await store.subscriptions.target(params.id)),
  };
}

async function test({ teller }: WebhookHandlerParts, limit: RateLimit, target: NotificationTarget): Promise<NotificationTest> {
  if (!limit.take('')) throw problem('too-many-requests', 'Too many tests. Wait a minute.');
  const outcome = await teller.test(target, randomUUID(), AbortSignal.timeout(60_000));
  return outcome.told
    ? { delivered: true, message: `${target.name} was told.` }
    : { delivered: false, message: `${target.name} was not told: ${outcome.message}.` };
}
