import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { TellOutcome } from '@muster/controllers';
import type { AddressGuard } from './address-guard.ts';
import { signDelivery } from './sign-delivery.ts';
import { trustOf } from './trust-of.ts';

export type WebhookCall = {
  readonly url: string;
  readonly secret: string;
  readonly deliveryId: string;
  /** JSON. */
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly version: string;
  readonly guard: AddressGuard;
  readonly caFile?: string | undefined;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
};

const usualTimeoutMs = 10_000;

/**
 * Calls a webhook once. Only an answer of 200 to 299 counts; a redirect is not followed, because it could lead where the guard would not
 * let it. The answer's body is not read. @throws the reason of the signal, when that ends it
 */
export async function sendWebhook(call: WebhookCall): Promise<TellOutcome> {
  const refusal = call.guard.refusalOf(call.url);
  if (refusal !== undefined) return failed(refusal);
  const timeoutMs = call.timeoutMs ?? usualTimeoutMs;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return outcomeOf(await statusOf(call, AbortSignal.any([call.signal, timeout])));
  } catch (error) {
    call.signal.throwIfAborted();
    return failed(timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : describe(error));
  }
}

const failed = (message: string): TellOutcome => ({ told: false, message, permanent: false });

function outcomeOf(status: number): TellOutcome {
  if (status >= 200 && status < 300) return { told: true };
  if (status >= 300 && status < 400)
    return failed(`the answer was a redirect (status ${status}), and none is followed: give the address it leads to`);
  return failed(`the answer was status ${status}`);
}

async function statusOf(call: WebhookCall, signal: AbortSignal): Promise<number> {
  const { url, body, guard } = call;
  const trust = await trustOf(call.caFile);
  const options: RequestOptions = { method: 'POST', agent: false, lookup: guard.lookup, headers: headersOf(call), signal, ...trust };
  return new Promise((resolve, reject) => {
    const sent = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      response.on('error', () => undefined);
      response.destroy();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function headersOf({ secret, body, nowMs, deliveryId, version }: WebhookCall): Record<string, string> {
  const timestamp = Math.floor(nowMs / 1000);
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': `Muster/${version}`,
    'muster-delivery': deliveryId,
    'muster-timestamp': String(timestamp),
    'muster-signature': signDelivery(secret, timestamp, body),
  };
}

/** In words, without the address: its path may be a secret. */
function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return message;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the name of its host cannot be found (${code})`;
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/u.test(code)) return `its certificate is not trusted (${code})`;
  return `the connection failed (${code})`;
}
