import { z } from 'zod';
import { OwnSubscriptionCreate, Subscription, SubscriptionCreate, SubscriptionList } from '../../notification/subscription.ts';
import { NotificationTest, WebhookCreate, WebhookList, WebhookSecret, Webhook } from '../../notification/webhook.ts';
import { idParams, none, type Route } from '../route.ts';

/** A webhook by id or by name. */
const webhookParams = z.object({ webhook: z.string().min(1).max(63) });

/** Who is told of what. */
export const notificationRoutes = {
  listWebhooks: {
    method: 'GET',
    path: '/webhooks',
    access: 'administrator',
    response: WebhookList,
    status: 200,
    summary: 'Programs that are told of events, and how that goes',
  },
  addWebhook: {
    method: 'POST',
    path: '/webhooks',
    access: 'administrator',
    body: WebhookCreate,
    response: WebhookSecret,
    status: 201,
    summary: 'Add a webhook; the answer shows its secret, once',
  },
  renewWebhookSecret: {
    method: 'POST',
    path: '/webhooks/{webhook}/secret',
    access: 'administrator',
    params: webhookParams,
    response: WebhookSecret,
    status: 201,
    summary: 'Make a new secret for a webhook; the old one ends at once',
  },
  testWebhook: {
    method: 'POST',
    path: '/webhooks/{webhook}/test',
    access: 'administrator',
    params: webhookParams,
    response: NotificationTest,
    status: 200,
    summary: 'Send a test to a webhook now, and say how that went',
  },
  enableWebhook: {
    method: 'POST',
    path: '/webhooks/{webhook}/enable',
    access: 'administrator',
    params: webhookParams,
    response: Webhook,
    status: 200,
    summary: 'Send again to a webhook that was disabled after a long failure',
  },
  removeWebhook: {
    method: 'DELETE',
    path: '/webhooks/{webhook}',
    access: 'administrator',
    params: webhookParams,
    response: none,
    status: 204,
    summary: 'Remove a webhook with its subscriptions and what waits for it',
  },
  listSubscriptions: {
    method: 'GET',
    path: '/subscriptions',
    access: 'viewer',
    response: SubscriptionList,
    status: 200,
    summary: 'Who is told of what: all of it to an administrator, to others what is theirs',
  },
  addSubscription: {
    method: 'POST',
    path: '/subscriptions',
    access: 'administrator',
    body: SubscriptionCreate,
    response: Subscription,
    status: 201,
    summary: 'Tell a webhook or an address of events',
  },
  testSubscription: {
    method: 'POST',
    path: '/subscriptions/{id}/test',
    access: 'administrator',
    params: idParams,
    response: NotificationTest,
    status: 200,
    summary: 'Send a test to whom a subscription tells, now, and say how that went',
  },
  removeSubscription: {
    method: 'DELETE',
    path: '/subscriptions/{id}',
    access: 'administrator',
    params: idParams,
    response: none,
    status: 204,
    summary: 'Remove a subscription',
  },
  subscribe: {
    method: 'POST',
    path: '/session/subscriptions',
    access: 'viewer',
    body: OwnSubscriptionCreate,
    response: Subscription,
    status: 201,
    summary: 'Be told of events by e-mail, at the address of one’s own account',
  },
  unsubscribe: {
    method: 'DELETE',
    path: '/session/subscriptions/{id}',
    access: 'viewer',
    params: idParams,
    response: none,
    status: 204,
    summary: 'End a subscription of one’s own',
  },
} as const satisfies Record<string, Route>;
