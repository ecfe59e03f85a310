import type { LookupAddress } from 'node:dns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AddressGuard, makeAddressGuard, networkOf } from './address-guard.ts';

const usual = makeAddressGuard(undefined);

/** What the guard gives to whoever wants to connect. */
const found = (guard: AddressGuard, host: string): Promise<string> =>
  new Promise((resolve) => {
    guard.lookup(host, { all: true }, (error, addresses) =>
      resolve(error === null ? (addresses as LookupAddress[]).map((one) => one.address).join() : error.message),
    );
  });

describe('without a list', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1:8080/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://017700000001/',
    'http://0.0.0.0/',
    'http://0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://[ff02::1]/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://localhost:6379/',
    'http://LOCALHOST./',
    'http://metadata.localhost/',
  ])('%s is refused by its text', (url) => expect(usual.refusalOf(url)).toMatch(/webhooks\.allow/u));

  it.each([
    'https://chat.example.org/hook',
    'http://10.0.0.5/',
    'http://192.168.1.7:8065/',
    'https://[2001:db8::1]/',
    'http://[fd12::1]/',
    'http://8.8.8.8/',
  ])('%s is not refused by its text', (url) => expect(usual.refusalOf(url)).toBeUndefined());

  it('a name that leads to this machine is refused when it is looked up', async () => {
    expect(await found(usual, 'localhost')).toMatch(/^localhost is an address of this machine itself/u);
  });

  it('every loopback address is refused, however it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0x7f000000, max: 0x7fffffff }), (address) => {
        const parts = [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
        for (const host of [String(address), `0x${address.toString(16)}`, parts.join('.'), `[::ffff:${parts.join('.')}]`]) {
          expect(usual.refusalOf(`http://${host}/`), host).toBeDefined();
        }
      }),
    );
  });

  it('a name that is not there is an error', async () =>
    expect(await found(usual, 'nothing.invalid')).toMatch(/ENOTFOUND|EAI_AGAIN|no address/u));
});

describe('with a list', () => {
  const guard = makeAddressGuard([
    'hooks.example.org',
    '*.internal.example.org',
    '10.1.0.0/16',
    '127.0.0.1',
    '[2001:db8::]/32',
    'localhost',
  ]);

  it.each([
    'https://hooks.example.org/',
    'https://HOOKS.example.org./',
    'http://a.internal.example.org/',
    'http://10.1.2.3/',
    'http://127.0.0.1:9000/',
    'http://[2001:db8:1::5]/',
    'http://localhost/',
  ])('%s is allowed', (url) => expect(guard.refusalOf(url)).toBeUndefined());

  it.each(['http://10.2.0.1/', 'http://127.0.0.2/', 'http://8.8.8.8/', 'http://[::1]/'])('%s is refused', (url) =>
    expect(guard.refusalOf(url)).toMatch(/not among the hosts/u),
  );

  it('a name may be allowed by its address, which is known when it is looked up', async () => {
    const byAddress = makeAddressGuard(['127.0.0.0/8', '::1']);
    expect(byAddress.refusalOf('http://localhost/')).toBeUndefined();
    expect(await found(byAddress, 'localhost')).toMatch(/127\.0\.0\.1|::1/u);
    expect(await found(makeAddressGuard(['10.0.0.0/8']), 'localhost')).toMatch(/not among the hosts/u);
    expect(makeAddressGuard(['example.org']).refusalOf('http://other.org/')).toMatch(/not among the hosts/u);
    expect(makeAddressGuard(['*.example.org']).refusalOf('http://example.org/')).toMatch(/not among the hosts/u);
    expect(makeAddressGuard([]).refusalOf('http://example.org/')).toMatch(/not among the hosts/u);
  });
});

it.each([
  ['10.0.0.0/8', ['10.0.0.0', 8]],
  ['10.0.0.1', ['10.0.0.1', 32]],
  ['2001:db8::/32', ['2001:db8::', 32]],
  ['[::1]', ['::1', 128]],
  ['example.org', undefined],
  ['10.0.0.0/33', undefined],
  ['10.0.0.0/8/8', undefined],
  ['10.0.0.0/', undefined],
] as const)('%s as a network is %j', (text, network) => expect(networkOf(text)).toEqual(network));
