import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerMessage } from './read-server-message.ts';
import type { AgentSettings, ServerMessage } from './server-messages.ts';

const settings: AgentSettings = { heartbeatSeconds: 5, timeoutSeconds: 15, reportSeconds: 300, servers: ['10.0.0.1:7421'] };

const taskId = '0198c0de-0000-4000-8000-000000000001';

/** One of every kind: the compiler misses a kind that is forgotten here. */
const examples: { readonly [Kind in ServerMessage['type']]: Extract<ServerMessage, { type: Kind }> } = {
  welcome: { type: 'welcome', nodeId: 'id', nodeName: 'web1', settings },
  settings: { type: 'settings', settings },
  'heartbeat-ack': { type: 'heartbeat-ack', sequence: 0 },
  certificate: { type: 'certificate', id: 'r1', chainPem: 'PEM' },
  'renewal-refused': { type: 'renewal-refused', id: 'r1', reason: 'weak key' },
  trust: { type: 'trust', rootsPem: 'PEM' },
  rotate: { type: 'rotate' },
  'certificate-settled': { type: 'certificate-settled', serial: '4a' },
  task: { type: 'task', id: taskId, lane: 'control', beginWithinSeconds: 0, timeoutSeconds: 60, work: { kind: 'exec', command: ['true'] } },
  'cancel-task': { type: 'cancel-task', id: taskId },
  'task-recorded': { type: 'task-recorded', id: taskId },
  'journal-open': { type: 'journal-open', id: 'j1', unit: 'ssh.service', lines: 10, follow: true },
  'journal-close': { type: 'journal-close', id: 'j1' },
  move: { type: 'move', servers: ['10.0.0.2:7421', '10.0.0.1:7421'], withinSeconds: 0 },
};
const messages = Object.values(examples);

const read = (value: unknown) => readServerMessage(JSON.stringify(value));

describe('a message of the server', () => {
  it.each(messages)('$type is read as it was sent', (message) => expect(read(message)).toEqual(message));

  it.each(messages)('$type may have members of a later version, which are left out', (message) => {
    expect(read({ ...message, later: true })).toEqual(message);
  });

  it.each(messages.flatMap((message) => Object.keys(message).map((member) => ({ message, member }))))(
    '$message.type without $member is not understood',
    ({ message, member }) => {
      const { [member]: _left, ...rest } = message as Record<string, unknown>;
      expect(read(rest)).toBeUndefined();
      expect(read({ ...rest, [member]: null })).toBeUndefined();
      expect(read({ ...rest, [member]: [{}] })).toBeUndefined();
    },
  );

  it.each([
    { heartbeatSeconds: 0 },
    { heartbeatSeconds: -1 },
    { timeoutSeconds: '15' },
    { reportSeconds: null },
    { servers: 'a:1' },
    { servers: [1] },
    { probeSeconds: 2 },
    { probeTimeoutSeconds: 3 },
    { probeSeconds: 0, probeTimeoutSeconds: 3 },
    { probeSeconds: 2, probeTimeoutSeconds: '3' },
    { probeSeconds: null, probeTimeoutSeconds: null },
  ])('with the settings %j is not understood', (change) => {
    expect(read({ type: 'settings', settings: { ...settings, ...change } })).toBeUndefined();
    expect(read({ ...examples.welcome, settings: { ...settings, ...change } })).toBeUndefined();
  });

  it('may ask for probes, as servers of a pool do and older ones do not', () => {
    const probing = { ...settings, probeSeconds: 2, probeTimeoutSeconds: 3.5 };
    expect(read({ type: 'settings', settings: probing })).toEqual({ type: 'settings', settings: probing });
    expect(read({ type: 'settings', settings })).toEqual({ type: 'settings', settings });
  });

  it.each([{ servers: [] }, { servers: ['a:1', 2] }, { withinSeconds: -1 }, { withinSeconds: '5' }])('moves nobody by %j', (change) => {
    expect(read({ ...examples.move, ...change })).toBeUndefined();
  });

  it.each(['', 'null', '[]', '1', '"welcome"', '{', '{"type":"reboot"}', '{"type":["welcome"]}', '{"type":"toString"}'])(
    'is not: %s',
    (text) => expect(readServerMessage(text)).toBeUndefined(),
  );

  it('is never an exception, whatever comes, and what is understood is read the same again', () => {
    const values = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(...messages).map((message) => JSON.stringify(message)),
    );
    fc.assert(
      fc.property(values, (text) => {
        const message = readServerMessage(text);
        expect(message === undefined ? undefined : read(message)).toEqual(message);
      }),
    );
  });
});
