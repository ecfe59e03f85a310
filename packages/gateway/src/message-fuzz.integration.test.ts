import { AgentMessage } from '@muster/api';
import { arbitraryOf } from '@muster/testkit';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { FakeAgent, factsOf, waiting } from '../test/fake-agent.ts';
import { type GatewayFixture, openGateway } from '../test/gateway-fixture.ts';
import { readAgentMessage } from './read-agent-message.ts';

/* Ten thousand messages of agents, made from the protocol's own schema and here and there wrong: nothing fails inside, nothing hangs. */

const count = 10_000;
/** The same messages each time, so that a failure can be looked at again; another number makes others. */
const seed = Number(process.env['MUSTER_FUZZ_SEED'] ?? 20_261_126);
/** So many before the next heartbeat has to be answered: less than what may wait in a session. */
const atOnce = 12;
/** Agents that say it all, side by side. */
const agents = 8;

const words = ['ssh.service', 'a'.repeat(64), '00000000-0000-4000-8000-000000000000', 'node1', '10.0.0.1', '2026-11-26T00:00:00Z'];
const messages = arbitraryOf(AgentMessage, words, 40);
const serialized = (value: unknown): string => JSON.stringify(value) ?? 'null';

type Credentials = Awaited<ReturnType<GatewayFixture['certify']>>;

/** Says all of it, a few at a time; whoever was put out comes back. Resolves with how often that was. */
async function sayAll(door: GatewayFixture, credentials: Credentials, texts: readonly string[]): Promise<number> {
  let agent = await FakeAgent.admitted(door, credentials);
  let putOut = 0;
  for (let at = 0; at < texts.length; at += atOnce) {
    for (const text of texts.slice(at, at + atOnce)) agent.socket.send(text);
    const outcome = await Promise.race([agent.beat().then(() => 'open'), agent.closed().then(() => 'closed')]);
    // Before the limit of one connection is reached.
    const isOld = at % (atOnce * 10) === 0;
    if (outcome === 'open' && !isOld) continue;
    putOut += outcome === 'closed' ? 1 : 0;
    agent.socket.close();
    agent = await FakeAgent.admitted(door, credentials);
  }
  return putOut;
}

describe('whatever an agent says', () => {
  it('is read or turned down, and what is read fails nowhere inside', async () => {
    const door = await openGateway();
    const nodes = await Promise.all(Array.from({ length: agents }, (_, index) => door.addNode(`worker${index}`)));
    const texts = fc.sample(messages, { numRuns: count, seed }).map(serialized);
    const read = texts.filter((text) => {
      const message = readAgentMessage(text);
      return message !== undefined && message.type !== 'hello';
    });
    // A fuzzer that is always turned down at the door tests nothing behind it.
    expect(read.length).toBeGreaterThan(count / 3);
    expect(new Set(read.map((text) => readAgentMessage(text)?.type)).size).toBe(9);
    const putOut = await Promise.all(
      nodes.map(async ({ node }, index) =>
        sayAll(
          door,
          await door.certify(node),
          read.filter((_, at) => at % agents === index),
        ),
      ),
    );
    expect(putOut.reduce((sum, one) => sum + one, 0)).toBeLessThan(read.length / 20);
    expect(door.lines.filter((line) => line.level === 'error')).toEqual([]);
    for (const { node } of nodes) {
      const last = await FakeAgent.admitted(door, await door.certify(node));
      last.say({ type: 'report', facts: factsOf('at-last'), services: { available: true, services: [] } });
      await vi.waitFor(async () => expect((await door.store.nodes.get(node.id)).facts?.hostname).toBe('at-last'), waiting);
    }
  }, 300_000);

  it('costs nothing but its own connection when it is turned down', async () => {
    const door = await openGateway();
    const [bad, good] = [(await door.addNode('bad')).node, (await door.addNode('good')).node];
    const credentials = await door.certify(bad);
    const neighbour = await FakeAgent.admitted(door, await door.certify(good));
    const wrong = fc
      .sample(messages, { numRuns: count, seed: seed + 1 })
      .map(serialized)
      .filter((text) => readAgentMessage(text) === undefined)
      .slice(0, 200);
    expect(wrong).toHaveLength(200);
    for (const text of wrong) {
      const agent = await FakeAgent.admitted(door, credentials);
      agent.socket.send(text);
      expect((await agent.closed()).code).toBe(4003);
    }
    await neighbour.beat();
    expect(neighbour.closedWith).toBeUndefined();
    expect(door.lines.filter((line) => line.level === 'error')).toEqual([]);
  }, 120_000);
});
