import type { JournalLine } from '@muster/api';
import { describe, expect, it, vi } from 'vitest';
import { FakeAgent, waiting } from '../test/fake-agent.ts';
import { type GatewayFixture, openGateway } from '../test/gateway-fixture.ts';
import type { OpenJournal } from './journals.ts';

/** Somebody who reads, and what he was told. */
class Reader {
  readonly lines: string[] = [];
  readonly ends: string[] = [];
  dropped = 0;
  readonly viewer = {
    onLines: (lines: readonly JournalLine[], dropped: number) => {
      this.lines.push(...lines.map(({ text }) => text));
      this.dropped += dropped;
    },
    onEnd: (reason: string) => void this.ends.push(reason),
  };
}

async function enrolled(gateway: GatewayFixture, name: string) {
  const { node } = await gateway.addNode(name);
  const credentials = await gateway.certify(node);
  return { node, credentials, agent: await FakeAgent.admitted(gateway, credentials) };
}

const wish = (nodeId: string, follow = true) => ({ nodeId, unit: 'ssh.service', lines: 10, follow });

function opened(answer: ReturnType<GatewayFixture['gateway']['journals']['open']>): OpenJournal {
  if (typeof answer === 'string') throw new Error(`refused: ${answer}`);
  return answer;
}

const line = (text: string) => ({ at: '2026-01-01T00:00:00.000Z', text });

describe('a journal', () => {
  it('is asked of the agent, and what it says reaches who asked', async () => {
    const fixture = await openGateway();
    const { node, agent } = await enrolled(fixture, 'web1');
    const reader = new Reader();
    opened(fixture.gateway.journals.open(wish(node.id, false), reader.viewer));
    const { id, ...asked } = await agent.heard('journal-open');
    expect(asked).toEqual({ type: 'journal-open', unit: 'ssh.service', lines: 10, follow: false });
    agent.say({ type: 'journal', id, lines: [line('one'), line('two')], dropped: 3 });
    agent.say({ type: 'journal-end', id, reason: '' });
    await vi.waitFor(() => expect(reader.ends).toEqual(['']), waiting);
    expect([reader.lines, reader.dropped]).toEqual([['one', 'two'], 3]);
  });

  it('that nobody reads any more is closed on the node, once', async () => {
    const fixture = await openGateway();
    const { node, agent } = await enrolled(fixture, 'web1');
    const reader = new Reader();
    const journal = opened(fixture.gateway.journals.open(wish(node.id), reader.viewer));
    const { id } = await agent.heard('journal-open');
    journal.close();
    journal.close();
    expect(await agent.heard('journal-close')).toEqual({ type: 'journal-close', id });
    agent.say({ type: 'journal', id, lines: [line('late')], dropped: 0 });
    await agent.beat();
    expect([reader.lines, reader.ends]).toEqual([[], []]);
    // It is told again, in case that the first word was lost.
    expect(agent.received.filter(({ type }) => type === 'journal-close')).toHaveLength(2);
  });

  it('is heard of its own node only: an agent cannot speak into the journal of another', async () => {
    const fixture = await openGateway();
    const [web1, evil] = [await enrolled(fixture, 'web1'), await enrolled(fixture, 'evil')];
    const reader = new Reader();
    opened(fixture.gateway.journals.open(wish(web1.node.id), reader.viewer));
    const { id } = await web1.agent.heard('journal-open');
    evil.agent.say({ type: 'journal', id, lines: [line('forged')], dropped: 0 });
    evil.agent.say({ type: 'journal-end', id, reason: 'forged' });
    await evil.agent.beat();
    expect([reader.lines, reader.ends]).toEqual([[], []]);
    expect(evil.agent.closedWith).toBeUndefined();
  });

  it('ends with the connection of its agent', async () => {
    const fixture = await openGateway();
    const { node, agent } = await enrolled(fixture, 'web1');
    const reader = new Reader();
    opened(fixture.gateway.journals.open(wish(node.id), reader.viewer));
    await agent.heard('journal-open');
    agent.socket.terminate();
    await vi.waitFor(() => expect(reader.ends).toEqual(['The connection of the agent ended.']), waiting);
  });

  it('goes on over a newer connection, which is asked for it again from now on', async () => {
    const fixture = await openGateway();
    const { node, credentials, agent } = await enrolled(fixture, 'web1');
    const reader = new Reader();
    const journal = opened(fixture.gateway.journals.open(wish(node.id), reader.viewer));
    const { id } = await agent.heard('journal-open');
    const next = await FakeAgent.admitted(fixture, credentials);
    expect(await next.heard('journal-open')).toEqual({ type: 'journal-open', id, unit: 'ssh.service', lines: 0, follow: true });
    // Only after the welcome: an agent does not listen before.
    expect(next.received[0]?.type).toBe('welcome');
    next.say({ type: 'journal', id, lines: [line('from the new one')], dropped: 0 });
    await vi.waitFor(() => expect(reader.lines).toEqual(['from the new one']), waiting);
    agent.socket.terminate();
    await next.beat();
    expect(reader.ends).toEqual([]);
    journal.close();
    await next.heard('journal-close');
  });

  it('is not opened on a node that is not connected here', async () => {
    const fixture = await openGateway();
    const { node } = await fixture.addNode('web1');
    const reader = new Reader();
    expect(fixture.gateway.journals.open(wish(node.id), reader.viewer)).toBe('not-connected');
  });

  it('is one of a hundred at most, and makes room when it ends', async () => {
    const fixture = await openGateway();
    const { node } = await enrolled(fixture, 'web1');
    const all = Array.from({ length: 100 }, () => fixture.gateway.journals.open(wish(node.id), new Reader().viewer));
    expect(all.filter((one) => typeof one === 'string')).toEqual([]);
    expect(fixture.gateway.journals.open(wish(node.id), new Reader().viewer)).toBe('too-many');
    const [first] = all;
    if (first !== undefined) opened(first).close();
    expect(typeof fixture.gateway.journals.open(wish(node.id), new Reader().viewer)).toBe('object');
  });

  it.each([
    { type: 'journal', id: 'x', lines: 'many' },
    { type: 'journal', id: 'x', lines: [{ at: 'soon', text: '' }] },
    { type: 'journal', id: 'x', lines: [{ at: null, text: 'x'.repeat(9000) }] },
    { type: 'journal', id: 'x', lines: Array.from({ length: 501 }, () => line('x')) },
    { type: 'journal', id: 'x', lines: [], dropped: -1 },
    { type: 'journal-end', id: 'x', reason: 'x'.repeat(301) },
    { type: 'journal-end', id: 'x' },
  ])('is no excuse for what is not of the protocol (%#): that closes this connection alone', async (message) => {
    const fixture = await openGateway();
    const { agent } = await enrolled(fixture, 'web1');
    agent.socket.send(JSON.stringify(message));
    await vi.waitFor(() => expect(agent.closedWith?.code).toBe(4003), waiting);
  });
});
