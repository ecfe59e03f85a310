import { type Client, createClient } from '@muster/api';
import { ask } from './requests.ts';

/** A program with a key: the typed client over HTTP with a bearer token, as curl would send it. */
export const keyClient = (port: number, secret: string): Client =>
  createClient('', async (url, { method, headers, body }) => {
    const wish = { method, headers: { ...headers, authorization: `Bearer ${secret}` }, ...(body === undefined ? {} : { body }) };
    const answer = await ask({ port }, url, wish);
    return { status: answer.status, text: async () => answer.text };
  });
