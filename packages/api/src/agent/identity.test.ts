import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorityHint, hintsAt, nodeIdOfUri, nodeUri, serverIdentity, serverIdOfUri, serverUri } from './identity.ts';

describe('the URI of a node', () => {
  it('carries its id there and back', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(nodeIdOfUri(nodeUri(id))).toBe(id);
      }),
    );
  });

  it.each([
    'urn:muster:node:',
    'urn:muster:node:web1',
    'urn:muster:server:7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c',
    'urn:muster:node:7C1F1F0E-6C1E-4F0E-9D6A-0D9C8F1B2A3C',
    'urn:muster:node:7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c\n',
    ' urn:muster:node:7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c',
    'urn:muster:node:7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c/x',
  ])('is not %j', (uri) => expect(nodeIdOfUri(uri)).toBeUndefined());
});

describe('the URI of a server', () => {
  it.each(['7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c', 'driver1'])('carries %s there and back', (id) =>
    expect(serverIdOfUri(serverUri(id))).toBe(id),
  );
  it.each(['urn:muster:server:', 'urn:muster:server:a b', 'urn:muster:server:a\n', nodeUri('7c1f1f0e-6c1e-4f0e-9d6a-0d9c8f1b2a3c')])(
    'is not %j',
    (uri) => expect(serverIdOfUri(uri)).toBeUndefined(),
  );
});

describe('the name asked for in a TLS greeting', () => {
  const digits = fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 }).map((all) => all.join(''));

  it('hints at one authority, and is a host name', () => {
    fc.assert(
      fc.property(digits, digits, (one, other) => {
        expect(hintsAt(authorityHint(one), one)).toBe(true);
        expect(hintsAt(authorityHint(one), other)).toBe(one.slice(0, 40) === other.slice(0, 40));
        expect(
          authorityHint(one)
            .split('.')
            .every((label) => label.length <= 63),
        ).toBe(true);
      }),
    );
  });

  it.each([serverIdentity, 'ca-.server.muster.internal', '', `ca-${'ab'.repeat(20)}`, `x.ca-${'ab'.repeat(20)}.server`])(
    'hints at none: %j',
    (name) => expect(hintsAt(name, 'ab'.repeat(32))).toBe(false),
  );
});
