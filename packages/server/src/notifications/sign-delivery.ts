import { createHmac } from 'node:crypto';

/**
 * The signature of a delivery, as the header `muster-signature` carries it: HMAC-SHA256 of `<timestamp>.<body>` with the secret of the
 * webhook, hexadecimal, after `v1=`. The time is part of what is signed, so that nobody can send an old delivery again later.
 */
export const signDelivery = (secret: string, timestampSeconds: number, body: string): string =>
  `v1=${createHmac('sha256', secret).update(`${timestampSeconds}.${body}`).digest('hex')}`;
