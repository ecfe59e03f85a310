import type { Event } from '@muster/api';

export type WebhookContent = {
  /** The same for each attempt: who gets it twice knows. */
  readonly deliveryId: string;
  readonly events: readonly Event[];
  /** Events that were left out because too many waited. */
  readonly missed: number;
};

/** What the body may have, bytes. */
export const maxWebhookBodyBytes = 262_144;
/** Of a message that was shortened: with each character escaped, as many as a delivery may have still fit. */
const longestMessage = 200;

/**
 * The body of a delivery, JSON of at most `maxWebhookBodyBytes`. Where the events do not fit, they lose their `data` and the rest of
 * a long message, and say so with `shortened`.
 */
export function webhookBody(content: WebhookContent): string {
  const whole = bodyOf(content, (event) => event);
  return byteLength(whole) <= maxWebhookBodyBytes ? whole : bodyOf(content, shortened);
}

function bodyOf({ deliveryId, events, missed }: WebhookContent, shown: (event: Event) => object): string {
  return JSON.stringify({ id: deliveryId, events: events.map(shown), missed });
}

const shortened = (event: Event): object => ({
  ...event,
  nodeName: event.nodeName?.slice(0, 253) ?? null,
  message: event.message.slice(0, longestMessage).toWellFormed(),
  data: {},
  shortened: true,
});

const byteLength = (text: string): number => new TextEncoder().encode(text).length;
