import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAgentMessage } from './read-agent-message.ts';

describe('reading a message of an agent', () => {
  it('takes what is of the protocol', () => {
    expect(readAgentMessage('{"type":"heartbeat","sequence":3,"clockMs":1.5}')).toEqual({ type: 'heartbeat', sequence: 3, clockMs: 1.5 });
  });

  it('never throws, whatever it is given', () => {
    const types = fc.constantFrom('hello', 'report', 'heartbeat', 'renew', 'constructor', '__proto__');
    const shaped = fc
      .record({
        type: types,
        sequence: fc.anything(),
        clockMs: fc.anything(),
        facts: fc.anything(),
        services: fc.anything(),
        id: fc.anything(),
      })
      .map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), shaped), (text) => {
        const message = readAgentMessage(text);
        expect([undefined, 'hello', 'report', 'heartbeat', 'renew']).toContain(message?.type);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    'null',
    '[]',
    '7',
    '"heartbeat"',
    '{}',
    '{"type":"heartbeat","sequence":1.5,"clockMs":0}',
    '{"type":"heartbeat","sequence":1e400}',
  ])('turns %s down', (text) => expect(readAgentMessage(text)).toBeUndefined());
});
