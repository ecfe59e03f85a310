import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeIdOfUri, nodeUri } from './identity.ts';

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
