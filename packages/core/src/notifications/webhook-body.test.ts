import { describe, expect, it } from 'vitest';
import { exampleEvent } from '../../test/example-event.ts';
import { maxWebhookBodyBytes, webhookBody } from './webhook-body.ts';

const deliveryId = '0b6f0b0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c';

describe('the body of a delivery', () => {
  it('has the id of the delivery and the events as the API shows them', () => {
    const events = [exampleEvent(), exampleEvent({ id: 2, data: { serial: 'ab' } })];
    expect(JSON.parse(webhookBody({ deliveryId, events, missed: 3 }))).toEqual({ id: deliveryId, events, missed: 3 });
  });

  it('is the same each time', () => {
    const content = { deliveryId, events: [exampleEvent()], missed: 0 };
    expect(webhookBody(content)).toBe(webhookBody(structuredClone(content)));
  });

  it('is bounded, whatever the events hold', () => {
    const worst = '\u0001'.repeat(5000);
    const events = Array.from({ length: 100 }, (_, id) =>
      exampleEvent({ id, nodeName: worst, message: `${'💥'.repeat(99)}${worst}`, data: { worst } }),
    );
    const body = webhookBody({ deliveryId, events, missed: 0 });
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(maxWebhookBodyBytes);
    const read = JSON.parse(body) as { events: { id: number; shortened: boolean; data: object; message: string }[] };
    expect(read.events.map((event) => event.id)).toEqual(events.map((event) => event.id));
    for (const event of read.events) expect(event).toMatchObject({ shortened: true, data: {} });
    expect(read.events[0]?.message.startsWith('💥💥')).toBe(true);
  });
});
