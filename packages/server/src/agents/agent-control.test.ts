import { describe, expect, it } from 'vitest';
import { ControlFixture, otherHostKey, sshError } from '../../test/fake-control.ts';

const byHand = (action: string) => `ssh web1 sudo systemctl ${action} muster-agent`;

describe('an order to an agent', () => {
  it.each([
    ['start', 'The agent was started; its unit is active.'],
    ['restart', 'The agent was restarted; its unit is active.'],
    ['stop', 'The agent was stopped; its unit is inactive.'],
  ] as const)('is given, and whether it has worked is looked at: %s', async (action, message) => {
    const fixture = new ControlFixture();
    expect(await fixture.act(action)).toEqual({ ok: true, message });
    expect(fixture.host.asked).toEqual([action, 'is-active']);
    expect(fixture.host.closed).toBe(1);
  });

  it('goes to the private address, as the user of the key, with that key alone', async () => {
    const fixture = new ControlFixture();
    await fixture.act('restart');
    expect(fixture.host.targets).toEqual([
      { name: 'web1', address: '10.0.0.11', port: 2222, user: 'muster-control', ownKeyPem: fixture.key.privateKeyPem },
    ]);
  });

  it.each([
    ['the address it was provisioned by', 'gate.example.org', 'gate.example.org'],
    ['its name', null, 'web1'],
  ])('goes to %s where there is no private one', async (_what, address, dialled) => {
    const fixture = new ControlFixture();
    fixture.node = { ...fixture.node, privateIp: null };
    if (fixture.reach !== undefined) fixture.reach = { ...fixture.reach, address };
    await fixture.act('restart');
    expect(fixture.host.targets[0]?.address).toBe(dialled);
  });

  it('is no success when the agent does not run afterwards', async () => {
    const fixture = new ControlFixture();
    fixture.host.answers.set('is-active', { exitCode: 3, said: 'failed' });
    expect(await fixture.act('restart')).toEqual({
      ok: false,
      why: 'failed',
      message: 'web1: the agent was restarted, but its unit is failed. Read: journalctl -u muster-agent',
      byHand: byHand('restart'),
    });
  });

  it('is no success when the agent still runs after a stop', async () => {
    const fixture = new ControlFixture();
    fixture.host.answers.set('is-active', { exitCode: 0, said: 'active' });
    expect(await fixture.act('stop')).toMatchObject({ ok: false, why: 'failed' });
  });

  it.each([
    [{ exitCode: 1, said: 'Unit is masked.' }, 'web1: the start ended with status 1: Unit is masked.'],
    [{ exitCode: 77, said: '' }, 'web1: the start ended with status 77.'],
    [{ exitCode: null, said: '' }, 'web1: the start was killed.'],
  ])('that ends with %j failed', async (answer, message) => {
    const fixture = new ControlFixture();
    fixture.host.answers.set('start', answer);
    expect(await fixture.act('start')).toEqual({ ok: false, why: 'failed', message, byHand: byHand('start') });
    expect(fixture.host.asked).toEqual(['start']);
  });
});

describe('a node that cannot be reached', () => {
  it('is one on which the key was not installed: what to run is said', async () => {
    const fixture = new ControlFixture();
    fixture.reach = undefined;
    const outcome = await fixture.act('restart');
    expect(outcome).toMatchObject({ ok: false, why: 'no-ssh', byHand: 'ssh web1 sudo systemctl restart muster-agent' });
    expect(outcome.message).toContain('`muster apply`');
    expect(fixture.host.targets).toEqual([]);
  });

  it.each([
    ['unreachable', undefined, 'unreachable'],
    ['timeout', undefined, 'unreachable'],
    ['aborted', undefined, 'unreachable'],
    ['handshakeFailed', undefined, 'failed'],
    ['authFailed', undefined, 'refused'],
    ['hostKeyUnknown', undefined, 'refused'],
    ['timeout', 'restart', 'unknown'],
    ['connectionLost', 'restart', 'unknown'],
    ['aborted', 'restart', 'unknown'],
    ['channelRefused', 'restart', 'failed'],
  ] as const)('by %s (command: %s) is told as %s', async (kind, command, why) => {
    const fixture = new ControlFixture();
    const error = sshError(kind, command);
    if (command === undefined) fixture.host.loginError = error;
    else fixture.host.answers.set(command, error);
    expect(await fixture.act('restart')).toMatchObject({
      ok: false,
      why,
      byHand: byHand('restart'),
      message: expect.stringContaining('web1'),
    });
  });

  it('tells what to do when the login is refused, and nothing of other keys', async () => {
    const fixture = new ControlFixture();
    fixture.host.loginError = sshError('authFailed');
    const { message } = await fixture.act('restart');
    expect(message).toMatch(/login with the server's key was refused\. Run `muster apply`/u);
  });

  it('is one that shows another key: nothing is asked of it, and an event says so', async () => {
    const fixture = new ControlFixture();
    const shown = otherHostKey();
    if (fixture.reach !== undefined) fixture.reach = { ...fixture.reach, hostKeys: [`ssh-ed25519 ${otherHostKey().toString('base64')}`] };
    fixture.host.shownKey = shown;
    const outcome = await fixture.act('stop');
    expect(outcome).toMatchObject({ ok: false, why: 'refused', message: expect.stringContaining('the host key has changed') });
    expect(fixture.host.asked).toEqual([]);
    expect(fixture.events).toMatchObject([
      {
        kind: 'host-key-changed',
        severity: 'error',
        nodeId: 'id of web1',
        message: expect.stringMatching(/^web1 was not logged in to: the host key has changed/u),
      },
    ]);
  });

  it('passes on an error that is none of SSH', async () => {
    const fixture = new ControlFixture();
    fixture.host.answers.set('restart', Promise.reject(new Error('the database is away')));
    await expect(fixture.act('restart')).rejects.toThrow('the database is away');
    expect(fixture.host.closed).toBe(1);
  });
});

describe('orders to one node', () => {
  it('follow each other', async () => {
    const fixture = new ControlFixture();
    const slow = Promise.withResolvers<{ exitCode: number; said: string }>();
    fixture.host.answers.set('restart', slow.promise);
    const restart = fixture.act('restart');
    const stop = fixture.act('stop');
    await new Promise((resolve) => setImmediate(resolve));
    expect(fixture.host.asked).toEqual(['restart']);
    slow.resolve({ exitCode: 0, said: '' });
    await Promise.all([restart, stop]);
    expect(fixture.host.asked).toEqual(['restart', 'is-active', 'stop', 'is-active']);
  });

  it('go on after one that threw', async () => {
    const fixture = new ControlFixture();
    fixture.host.answers.set('restart', Promise.reject(new Error('odd')));
    const [first, second] = await Promise.allSettled([fixture.act('restart'), fixture.act('start')]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('are asked whether they are still wanted when their turn has come', async () => {
    const fixture = new ControlFixture();
    const slow = Promise.withResolvers<{ exitCode: number; said: string }>();
    fixture.host.answers.set('stop', slow.promise);
    const stop = fixture.act('stop');
    const restart = fixture.act('restart', { onlyIf: ({ state }) => state !== 'stopped' });
    fixture.node = { ...fixture.node, agent: { ...fixture.node.agent, state: 'stopped' } };
    slow.resolve({ exitCode: 0, said: '' });
    await stop;
    expect(await restart).toMatchObject({ ok: false, why: 'not-wanted' });
    expect(fixture.host.asked).toEqual(['stop', 'is-active']);
  });
});

describe('a look at an agent', () => {
  const look = (fixture: ControlFixture) => fixture.control.check(fixture.node, new AbortController().signal);

  it('tells how its unit is, and changes nothing', async () => {
    const fixture = new ControlFixture();
    expect(await look(fixture)).toEqual({ nodeId: 'id of web1', nodeName: 'web1', reached: true, message: 'active', byHand: null });
    fixture.host.isActive = false;
    expect(await look(fixture)).toMatchObject({ reached: true, message: 'inactive' });
    expect(fixture.host.asked).toEqual(['is-active', 'is-active']);
  });

  it('tells why it was not possible, and what to run by hand', async () => {
    const fixture = new ControlFixture();
    fixture.host.loginError = sshError('unreachable');
    expect(await look(fixture)).toMatchObject({ reached: false, byHand: 'ssh web1 sudo systemctl is-active muster-agent' });
  });
});
