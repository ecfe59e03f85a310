import { z } from 'zod';

/** What a webhook is called; commands name it by this. */
const WebhookName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/u, {
    error: 'the name of a webhook has lower-case letters, digits and hyphens, and begins and ends with a letter or digit',
  });

const WebhookUrl = z
  .string()
  .max(2000)
  .refine((text) => isWebhookUrl(text), {
    error: 'the address of a webhook is http://HOST/PATH or https://HOST/PATH, without a user, a password or a fragment',
  });

/** Without a user and a password: a secret has no place in an address. */
function isWebhookUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/u.test(url.protocol) && url.username === '' && url.password === '' && url.hash === '';
}

export const WebhookCreate = z.strictObject({ name: WebhookName, url: WebhookUrl });
export type WebhookCreate = z.infer<typeof WebhookCreate>;

/** A program that is told of events. Its secret is shown once, when it is made. */
export const Webhook = z.object({
  id: z.uuid(),
  name: z.string(),
  url: z.string(),
  /** `failing`: the last attempt did not succeed and is repeated. `disabled`: it failed for so long that nothing is sent any more. */
  state: z.enum(['working', 'failing', 'disabled']),
  /** Since when every attempt has failed. */
  failingSince: z.iso.datetime().nullable(),
  /** What went wrong the last time, in words. */
  lastError: z.string().nullable(),
  lastDeliveredAt: z.iso.datetime().nullable(),
  /** Events that wait to be sent. */
  waiting: z.number().int().nonnegative(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
});
export type Webhook = z.infer<typeof Webhook>;

export const WebhookList = z.object({ items: z.array(Webhook) });
export type WebhookList = z.infer<typeof WebhookList>;

/** The secret with which deliveries are signed. It is not shown again: keep it. */
export const WebhookSecret = z.object({ webhook: Webhook, secret: z.string() });
export type WebhookSecret = z.infer<typeof WebhookSecret>;

/** How one attempt went, for whoever asked for it. */
export const NotificationTest = z.object({ delivered: z.boolean(), message: z.string() });
export type NotificationTest = z.infer<typeof NotificationTest>;
