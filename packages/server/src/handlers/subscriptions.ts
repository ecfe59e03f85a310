import { problem, type Session } from '@muster/api';
import type { NewSubscription, Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';
import { meantByRange } from '../ranges/resolve-range.ts';
import { nameOf } from './webhooks.ts';

export type SubscriptionHandlerParts = {
  readonly store: Pick<Store, 'webhooks' | 'subscriptions' | 'nodes'>;
  /** Whether this server can send mail. */
  readonly canMail: boolean;
};

type SubscriptionRoutes = 'listSubscriptions' | 'addSubscription' | 'removeSubscription' | 'subscribe' | 'unsubscribe';

/** What one person may have, and all together: each rule is looked at for each event. */
const mostOwn = 50;
const mostOfAll = 2000;

export function subscriptionHandlers(parts: SubscriptionHandlerParts): Pick<Handlers, SubscriptionRoutes> {
  const { store, canMail } = parts;
  return {
    listSubscriptions: async ({ session }) => {
      const isAll = session?.role === 'administrator';
      const address = isAll ? undefined : session?.email;
      return { items: address === null ? [] : await store.subscriptions.list(address), canMail };
    },
    addSubscription: async ({ body: { target, ...wanted }, session }) => {
      const to =
        target.kind === 'email'
          ? mailbox(target.address, canMail)
          : { kind: target.kind, webhookId: (await store.webhooks.get(target.webhook)).id };
      return add(parts, { ...wanted, target: to, owner: null, createdBy: nameOf(session) });
    },
    removeSubscription: async ({ params }) => {
      await store.subscriptions.remove(params.id);
      return undefined;
    },
    subscribe: async ({ body, session }) => {
      const address = addressOf(session);
      const own = (await store.subscriptions.list(address)).filter((one) => one.own);
      if (own.length >= mostOwn) throw problem('invalid-request', `You have ${mostOwn} subscriptions, which is the most: end one first.`);
      return add(parts, { ...body, target: mailbox(address, canMail), owner: address, createdBy: address });
    },
    unsubscribe: async ({ params, session }) => {
      await store.subscriptions.remove(params.id, addressOf(session));
      return undefined;
    },
  };
}

async function add({ store }: SubscriptionHandlerParts, subscription: NewSubscription) {
  // It may name no node now: nodes come to it later.
  if (subscription.range !== null) await meantByRange(store, subscription.range, { allowEmpty: true });
  if ((await store.subscriptions.list()).length >= mostOfAll)
    throw problem('invalid-request', `There are ${mostOfAll} subscriptions, which is the most: remove some first.`);
  return store.subscriptions.add(subscription);
}

function mailbox(address: string, canMail: boolean): NewSubscription['target'] {
  if (!canMail)
    throw problem(
      'invalid-request',
      'This server sends no mail: set mail.host and mail.from in its configuration first (see docs/notifications.md).',
    );
  return { kind: 'email', address };
}

function addressOf(session: Session | undefined): string {
  if (session?.kind !== 'person' || session.email === null)
    throw problem('not-allowed', 'Only a person who is signed in has an address of his own. An administrator can subscribe any address.');
  return session.email;
}
