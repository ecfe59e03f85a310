import type { Subscription } from '@muster/api';
import type { ClaimedDelivery, NewEvent, Store } from '@muster/store';
import { FakeClock, KeptLog, withStore } from '@muster/testkit';
import pg from 'pg';
import { NotificationLoop } from '../src/notifications/notification-loop.ts';
import type { TellerPort, TellOutcome } from '../src/notifications/delivery-run.ts';

/** A fake teller: it keeps what it was to tell, and answers as the test wants. */
export class FakeTeller implements TellerPort {
  readonly told: ClaimedDelivery[] = [];
  outcome: (delivery: ClaimedDelivery, signal: AbortSignal) => TellOutcome | Promise<TellOutcome> = () => ({ told: true });

  async tell(delivery: ClaimedDelivery, signal: AbortSignal): Promise<TellOutcome> {
    this.told.push(delivery);
    return this.outcome(delivery, signal);
  }

  /** The messages of each delivery. */
  get messages(): string[][] {
    return this.told.map((one) => one.events.map((event) => event.message));
  }
}

export type NotificationFixture = {
  readonly store: Store;
  readonly teller: FakeTeller;
  readonly clock: FakeClock;
  readonly log: KeptLog;
  readonly loop: NotificationLoop;
  /** Another process on the same store. */
  another(): NotificationLoop;
  /** Rounds until nothing more happens. */
  run(): Promise<void>;
  say(...messages: string[]): Promise<void>;
  subscribe(wish?: Partial<Subscription>): Promise<void>;
  webhook(name: string, wish?: Partial<Subscription>): Promise<void>;
  /** Lets what waits in the store be so much older. */
  pass(seconds: number): Promise<void>;
};

export const event = (message: string, rest: Partial<NewEvent> = {}): NewEvent => ({
  kind: 'node-health',
  severity: 'error',
  nodeId: null,
  nodeName: null,
  message,
  data: { to: 'bad' },
  ...rest,
});

const wanted = (wish: Partial<Subscription>) => ({
  kinds: [],
  severity: 'warning' as const,
  groups: [],
  range: null,
  owner: null,
  createdBy: 'test',
  ...wish,
});

/** A notification loop on a store of its own. */
export async function openNotifications(): Promise<NotificationFixture> {
  const { store, connection } = await withStore();
  const teller = new FakeTeller();
  const clock = new FakeClock();
  const log = new KeptLog();
  const another = () => new NotificationLoop({ store, teller, clock, log, times: { mailHoldSeconds: 30, mailRestSeconds: 300 } });
  const loop = another();
  await loop.tick();
  const run = async () => {
    for (let before = -1; before !== teller.told.length;) {
      before = teller.told.length;
      loop.invalidate();
      clock.pass(1000);
      await loop.tick();
      await loop.settled();
    }
  };
  const pass = async (seconds: number) => {
    clock.pass(seconds * 1000);
    const client = new pg.Client(connection);
    await client.connect();
    await client.query(
      `update deliveries set next_attempt_at = next_attempt_at - make_interval(secs => $1), claimed_until = claimed_until - make_interval(secs => $1)`,
      [seconds],
    );
    await client.query('update notification_targets set failing_since = failing_since - make_interval(secs => $1)', [seconds]);
    await client.end();
  };
  return {
    store,
    teller,
    clock,
    log,
    loop,
    another,
    run,
    pass,
    say: (...messages) => store.events.append(messages.map((message) => event(message))),
    subscribe: async (wish = {}) =>
      void (await store.subscriptions.add({ ...wanted(wish), target: { kind: 'email', address: 'ada@example.org' } })),
    webhook: async (name, wish = {}) => {
      const { id } = await store.webhooks.add({ name, url: `https://${name}.example.org/` }, 'sealed', 'test');
      await store.subscriptions.add({ ...wanted(wish), target: { kind: 'webhook', webhookId: id } });
    },
  };
}
