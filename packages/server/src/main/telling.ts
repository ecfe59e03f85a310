import { type AddressGuard, makeAddressGuard } from '../notifications/address-guard.ts';
import { makeMailer } from '../notifications/mailer.ts';
import { makeTeller, type Teller } from '../notifications/teller.ts';
import type { Foundation } from './foundation.ts';

/** How webhooks and mailboxes are told of what happens. */
export type Telling = { readonly guard: AddressGuard; readonly teller: Teller };

export function makeTelling({ config, sealer, clock, version }: Foundation, panelUrl: string): Telling {
  const guard = makeAddressGuard(config.webhooks.allow);
  const mailer = makeMailer(config.mail);
  return { guard, teller: makeTeller({ sealer, guard, webhookCaFile: config.webhooks.caFile, mailer, clock, panelUrl, version }) };
}
