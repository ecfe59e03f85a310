import { NodeCreate } from '@muster/api';
import { StoreUnavailable } from '@muster/store';
import { makeKeyAndCsr } from '@muster/trust';
import { describe, expect, it, vi } from 'vitest';
import { ask, enrolAt, FakeAgent, waiting } from '../test/fake-agent.ts';
import { openGateway } from '../test/gateway-fixture.ts';

const csrOf = async (nodeName: string) => (await makeKeyAndCsr({ nodeName })).csrPem;

describe('enrolment', () => {
  it('gives a certificate for a token, with which the agent is let in', async () => {
    const door = await openGateway();
    const { node, secret } = await door.addNode('worker1');
    const { keyPem, csrPem } = await makeKeyAndCsr({ nodeName: 'worker1' });
    const { status, body } = await enrolAt(door, { name: 'worker1', secret, csrPem });
    expect(status).toBe(200);
    expect(body).toMatchObject({ nodeId: node.id, nodeName: 'worker1', rootPem: door.authority.rootPem, servers: ['127.0.0.1:1'] });
    const agent = await FakeAgent.admitted(door, { keyPem, chainPem: String(body['chainPem']) });
    expect(await agent.heard('welcome')).toMatchObject({ nodeId: node.id, nodeName: 'worker1', settings: door.settings });
    expect((await door.store.nodes.get('worker1')).registration).toBe('registered');
  });

  it('gives the same certificate again to the key that had it, for an answer that was lost', async () => {
    const door = await openGateway();
    const { secret } = await door.addNode('worker1');
    const csrPem = await csrOf('worker1');
    const first = await enrolAt(door, { name: 'worker1', secret, csrPem });
    const again = await enrolAt(door, { name: 'worker1', secret, csrPem });
    expect(again.status).toBe(200);
    expect(again.body['chainPem']).toBe(first.body['chainPem']);
    expect(await door.events('certificate-issued')).toHaveLength(1);
  });

  it('lets exactly one of twenty agents win with one token', async () => {
    const door = await openGateway();
    const { secret } = await door.addNode('worker1');
    const requests = await Promise.all(Array.from({ length: 20 }, () => csrOf('worker1')));
    const answers = await Promise.all(requests.map((csrPem) => enrolAt(door, { name: 'worker1', secret, csrPem })));
    expect(answers.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, ...Array.from({ length: 19 }, () => 403)]);
    expect(await door.events('certificate-issued')).toHaveLength(1);
    expect(door.gateway.refusals().get('token-used')).toBe(19);
  });

  it.each([
    { title: 'a used token', reason: 'token-used', code: 'not-allowed' },
    { title: 'an expired token', reason: 'token-expired', code: 'not-allowed' },
    { title: 'a token of another node', reason: 'token-wrong-name', code: 'not-allowed' },
    { title: 'a token nobody made', reason: 'token-unknown', code: 'not-allowed' },
    { title: 'a request for another name', reason: 'bad-csr', code: 'invalid-request' },
    { title: 'a damaged request', reason: 'bad-csr', code: 'invalid-request' },
  ])('refuses $title, with the reason: answered, logged, counted, announced', async ({ title, reason, code }) => {
    const door = await openGateway();
    const { secret } = await door.addNode('worker1');
    await door.store.nodes.add(NodeCreate.parse({ name: 'worker2' }));
    const good = { name: 'worker1', secret, csrPem: await csrOf('worker1') };
    const bodies: Record<string, () => Promise<typeof good>> = {
      'a used token': async () => {
        expect((await enrolAt(door, good)).status).toBe(200);
        return { ...good, csrPem: await csrOf('worker1') };
      },
      'an expired token': async () => {
        const short = await door.makeSecret('worker1', 0.001);
        await vi.waitFor(async () => expect((await enrolAt(door, { ...good, secret: short })).status).toBe(403), waiting);
        return { ...good, secret: short };
      },
      'a token of another node': async () => ({ ...good, name: 'worker2', csrPem: await csrOf('worker2') }),
      'a token nobody made': async () => ({ ...good, secret: 'wrong' }),
      'a request for another name': async () => ({ ...good, csrPem: await csrOf('worker2') }),
      'a damaged request': async () => ({ ...good, csrPem: good.csrPem.replace(/[A-Za-z]{8}/u, 'AAAAAAAA') }),
    };
    const answer = await enrolAt(door, (await bodies[title]?.()) ?? good);
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ code });
    expect(door.gateway.refusals().get(reason)).toBeGreaterThan(0);
    expect(door.lines.find((line) => line.fields['reason'] === reason)).toMatchObject({
      level: 'warn',
      message: 'refused at the agents’ door',
    });
    await vi.waitFor(async () => {
      const [event] = await door.events('connection-refused');
      expect(event).toMatchObject({ severity: 'warning', data: { reason, address: '127.0.0.1' } });
    }, waiting);
    expect(JSON.stringify([answer, door.lines, await door.events()])).not.toContain(secret);
  });

  it.each([
    { title: 'a body that is too long', body: 'x'.repeat(200_000) },
    { title: 'a body that is not JSON', body: '{"name":' },
    { title: 'an empty body', body: '' },
    { title: 'a member that is not known', body: JSON.stringify({ name: 'worker1', secret: 's', csrPem: 'c', more: 1 }) },
    { title: 'a name that is none', body: JSON.stringify({ name: '\u0000\u001b[2J', secret: 's', csrPem: 'c' }) },
  ])('answers $title with a problem', async ({ body }) => {
    const door = await openGateway();
    expect(await ask(door, 'POST', '/enroll', body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });

  it('answers every other address and method with a problem', async () => {
    const door = await openGateway();
    expect(await ask(door, 'GET', '/enroll')).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect(await ask(door, 'POST', '/api/v1/nodes', '{}')).toMatchObject({ status: 404 });
    expect(await ask(door, 'GET', '/../../etc/passwd')).toMatchObject({ status: 404 });
  });

  it('says that the database is away, and leaves the token unused', async () => {
    const door = await openGateway();
    const { secret } = await door.addNode('worker1');
    const body = { name: 'worker1', secret, csrPem: await csrOf('worker1') };
    door.spy.fail = () => new StoreUnavailable('away');
    expect(await enrolAt(door, body)).toMatchObject({ status: 503, body: { code: 'store-unavailable' } });
    delete door.spy.fail;
    expect((await enrolAt(door, body)).status).toBe(200);
  });

  it('says nothing of a failure inside, but logs it', async () => {
    const door = await openGateway();
    door.spy.fail = () => new Error('password=hunter2 in some statement');
    const answer = await enrolAt(door, { name: 'worker1', secret: 's', csrPem: await csrOf('worker1') });
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal-error' } });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(door.lines.some((line) => line.level === 'error' && line.message === 'an enrolment failed')).toBe(true);
  });

  it('turns an address away that asks too often, and bounds what it writes about it', async () => {
    const door = await openGateway();
    const body = { name: 'worker1', secret: 'wrong', csrPem: await csrOf('worker1') };
    const statuses: number[] = [];
    // On a busy machine the allowance grows while it is used up.
    for (let i = 0; i < 21 || (i < 100 && !statuses.includes(429)); i++)
      statuses.push(...(await Promise.all(Array.from({ length: 10 }, () => enrolAt(door, body)))).map((one) => one.status));
    const turnedAway = statuses.filter((status) => status === 429).length;
    expect(turnedAway).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 403)).toHaveLength(statuses.length - turnedAway);
    expect(door.gateway.refusals().get('token-unknown')).toBe(statuses.length - turnedAway);
    expect((await door.events('connection-refused')).length).toBeLessThanOrEqual(4);
    expect(door.lines.filter((line) => line.level === 'warn').length).toBeLessThanOrEqual(4);
  });
});
