import type { IncomingMessage } from 'node:http';
import { AwsClient } from 'aws4fetch';
import { CliError } from '../cli-error.ts';
import { get } from './get.ts';

/** Asks for a file, from a byte on: whatever its address needs of signatures and tokens is done. */
export type Asks = (headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<IncomingMessage>;

/** What of the environment counts: credentials and endpoints, by the names that AWS's own tools have for them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a file of a manifest is asked for. @throws CliError for an address that makes no sense */
export function asksFor(url: string, environment: Environment): Asks {
  if (url.startsWith('s3://')) return s3Asks(url, environment);
  if (/^oci(?:\+http)?:/u.test(url)) return ociAsks(url, environment);
  return (headers, signal) => get(url, headers, signal);
}

/** A bucket of S3 or of a server that speaks like it (`AWS_ENDPOINT_URL`). Without credentials it is asked as anybody. */
function s3Asks(url: string, environment: Environment): Asks {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/u.exec(url) ?? [];
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const address = s3Address({ bucket, key, region, endpoint: environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'] });
  const [accessKeyId, secretAccessKey] = [environment['AWS_ACCESS_KEY_ID'], environment['AWS_SECRET_ACCESS_KEY']];
  if (accessKeyId === undefined || secretAccessKey === undefined) return (headers, signal) => get(address, headers, signal);
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    region,
    service: 's3',
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  return async (headers, signal) => {
    const signed = await client.sign(address, { headers: { ...headers } });
    return await get(address, Object.fromEntries(signed.headers), signal);
  };
}

/** Where an object lies: in the bucket's own host name, unless a server is named or a dot would break its certificate. Pure. */
export function s3Address(of: {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  readonly endpoint: string | undefined;
}): string {
  const path = of.key.split('/').map(encodeURIComponent).join('/');
  if (of.endpoint !== undefined) return `${of.endpoint.replace(/\/+$/u, '')}/${of.bucket}/${path}`;
  const host = `s3.${of.region}.amazonaws.com`;
  return of.bucket.includes('.') ? `https://${host}/${of.bucket}/${path}` : `https://${of.bucket}.${host}/${path}`;
}

/** A blob of an OCI registry, `oci://HOST/NAME@sha256:DIGEST`, by the distribution API; a token is fetched where one is asked for. */
function ociAsks(url: string, environment: Environment): Asks {
  const match = /^oci(?<plain>\+http)?:\/\/(?<host>[^/]+)\/(?<name>[a-z0-9._/-]+)@(?<digest>sha256:[0-9a-f]{64})$/u.exec(url)?.groups;
  if (match === undefined) throw new CliError(`${url} is no blob of a registry: write oci://HOST/NAME@sha256:DIGEST.`);
  const address = `${match['plain'] === undefined ? 'https' : 'http'}://${match['host'] ?? ''}/v2/${match['name'] ?? ''}/blobs/${match['digest'] ?? ''}`;
  let authorization: string | undefined;
  const ask = (headers: Readonly<Record<string, string>>, signal: AbortSignal) =>
    get(address, { ...headers, ...(authorization === undefined ? {} : { authorization }) }, signal);
  return async (headers, signal) => {
    const first = await ask(headers, signal);
    if (first.statusCode !== 401) return first;
    first.destroy();
    authorization = await authorize(first.headers['www-authenticate'] ?? '', { environment, registry: address, signal });
    return await ask(headers, signal);
  };
}

const whoAsks =
  'The registry asks who you are: set MUSTER_REGISTRY_HOST to its name (with the port, if it has one), MUSTER_REGISTRY_USER and MUSTER_REGISTRY_PASSWORD.';

type Asking = { readonly environment: Environment; readonly registry: string; readonly signal: AbortSignal };

/** What a registry wants to see, by its challenge (RFC 6750, and the token protocol of the distribution project). @throws CliError */
async function authorize(challenge: string, { environment, registry, signal }: Asking): Promise<string> {
  const basic = basicOf(environment, new URL(registry).host);
  if (/^basic/iu.test(challenge)) {
    if (basic === undefined) throw new CliError(whoAsks);
    return basic;
  }
  const address = tokenAddress(challenge);
  if (address.protocol !== new URL(registry).protocol && address.protocol === 'http:') {
    throw new CliError(`The registry wants the password sent to ${address.host} unencrypted, and it was not.`);
  }
  const answer = await fetch(address, { headers: basic === undefined ? {} : { authorization: basic }, signal });
  if (!answer.ok) throw new CliError(`The registry gives no token (${address.host} says ${answer.status}). ${whoAsks}`);
  const { token, access_token: accessToken } = (await answer.json()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? accessToken ?? ''}`;
}

/** Only for the registry that it belongs to: a list of artifacts may name others. */
function basicOf(environment: Environment, registry: string): string | undefined {
  const { MUSTER_REGISTRY_HOST: host, MUSTER_REGISTRY_USER: user, MUSTER_REGISTRY_PASSWORD: password } = environment;
  if (host !== registry || user === undefined || password === undefined) return undefined;
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** Where a token is given for what was asked. @throws CliError for a challenge that does not say */
function tokenAddress(challenge: string): URL {
  const word = (name: string): string | undefined => new RegExp(`${name}="([^"]*)"`, 'iu').exec(challenge)?.[1];
  const realm = word('realm');
  if (realm === undefined || !URL.canParse(realm)) throw new CliError(whoAsks);
  const address = new URL(realm);
  for (const name of ['service', 'scope']) {
    const value = word(name);
    if (value !== undefined) address.searchParams.set(name, value);
  }
  return address;
}
