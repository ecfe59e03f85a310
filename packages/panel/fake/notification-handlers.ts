import { problem, type Subscription, type SubscriptionCreate, type Webhook } from '@muster/api';
import { nextId, type Call, type FakeHandlers } from './call.ts';
import { account, type FakeWorld } from './world.ts';

const now = () => new Date().toISOString();

function findHook(world: FakeWorld, key: string | undefined): Webhook {
  const found = world.webhooks.find(({ id, name }) => id === key || name === key);
  if (found === undefined) throw problem('not-found', `There is no webhook "${key}".`);
  return found;
}

function addWebhook(world: FakeWorld, { body }: Call) {
  const { name, url } = body as { name: string; url: string };
  if (world.webhooks.some((one) => one.name === name)) throw problem('webhook-exists', `There is a webhook "${name}" already.`);
  const webhook: Webhook = {
    id: nextId(),
    name,
    url,
    state: 'working',
    failingSince: null,
    lastError: null,
    lastDeliveredAt: null,
    waiting: 0,
    createdAt: now(),
    createdBy: account.name,
  };
  world.webhooks.push(webhook);
  return { webhook, secret: 'whsec_fakefakefakefakefakefakefake' };
}

function add(world: FakeWorld, target: Subscription['target'], body: unknown, own: boolean): Subscription {
  const { kinds, severity, groups, range } = body as Pick<Subscription, 'kinds' | 'severity' | 'groups' | 'range'>;
  const made: Subscription = { id: nextId(), target, kinds, severity, groups, range, own, createdAt: now(), createdBy: account.name };
  world.subscriptions.push(made);
  return made;
}

const remove = (world: FakeWorld, { params }: Call): undefined => {
  world.subscriptions = world.subscriptions.filter(({ id }) => id !== params['id']);
};
const test = () => ({ delivered: true, message: 'Delivered: 200 after 84 ms.' });

/** Webhooks and subscriptions. */
export const notificationHandlers: FakeHandlers = {
  listWebhooks: (world) => ({ items: world.webhooks }),
  addWebhook,
  renewWebhookSecret: (world, { params }) => ({ webhook: findHook(world, params['webhook']), secret: 'whsec_another' }),
  testWebhook: test,
  enableWebhook: (world, { params }) => Object.assign(findHook(world, params['webhook']), { state: 'working', failingSince: null }),
  removeWebhook: (world, { params }) => {
    const gone = findHook(world, params['webhook']);
    world.webhooks = world.webhooks.filter((one) => one !== gone);
    world.subscriptions = world.subscriptions.filter(({ target }) => target.kind !== 'webhook' || target.webhookId !== gone.id);
  },
  listSubscriptions: (world) => ({ items: world.subscriptions, canMail: true }),
  addSubscription: (world, { body }) => {
    const { target } = body as SubscriptionCreate;
    if (target.kind === 'email') return add(world, target, body, false);
    const { id, name } = findHook(world, target.webhook);
    return add(world, { kind: 'webhook', webhookId: id, name }, body, false);
  },
  testSubscription: test,
  removeSubscription: remove,
  subscribe: (world, { body }) => add(world, { kind: 'email', address: account.email }, body, true),
  unsubscribe: remove,
};
