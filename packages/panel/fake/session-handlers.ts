import { HealthState, problem, type ServerStatus, type Session } from '@muster/api';
import type { Call, FakeHandlers } from './call.ts';
import { sentinels } from './sentinels.ts';
import { account, type FakeWorld } from './world.ts';

export const sessionOf = (world: FakeWorld): Session => ({
  kind: 'person',
  id: account.id,
  name: account.name,
  email: account.email,
  role: world.role,
  groups: world.groups,
  mayExec: world.mayExec,
  hasPassword: world.password !== null,
  twoFactor: world.twoFactor === 'on',
  provider: null,
});

const withAgent = (world: FakeWorld, state: string): number => world.nodes.filter(({ node }) => node.agent.state === state).length;

const livenessOf = (world: FakeWorld): ServerStatus['agentLiveness'] => ({
  enabled: true,
  thresholdSeconds: 40,
  effectiveThresholdSeconds: 40,
  brake: world.brake,
  restarting: withAgent(world, 'restarting'),
  needsAttention: withAgent(world, 'needs-attention'),
  stopped: withAgent(world, 'stopped'),
});

const fullStatus = (world: FakeWorld): ServerStatus => ({
  version: '0.1.0-fake',
  startedAt: '2026-11-21T08:00:00.000Z',
  now: new Date().toISOString(),
  agentAddresses: ['muster.example.org:8481'],
  caFingerprint: `${'c0ffee'.repeat(10)}abcd`,
  heartbeatIntervalSeconds: 5,
  heartbeatTimeoutSeconds: 30,
  graceUntil: null,
  agentLiveness: livenessOf(world),
  nodes: {
    total: world.nodes.length,
    byHealth: Object.fromEntries(
      HealthState.options.map((state) => [state, world.nodes.filter(({ node }) => node.health.state === state).length]),
    ) as ServerStatus['nodes']['byHealth'],
  },
});

type Given = { token?: string; email?: string; password?: string; code?: string };

function isRight(world: FakeWorld, given: Given): boolean {
  if (given.token !== undefined) return given.token === sentinels.goodToken || world.tokens.delete(given.token);
  return given.email === account.email && world.password !== null && given.password === world.password;
}

function signIn(world: FakeWorld, { body, setCookie }: Call): Session {
  const given = body as Given;
  if (!isRight(world, given))
    throw problem(
      'not-signed-in',
      given.token === undefined ? 'E-mail or password is wrong.' : 'The link was used already, or has expired.',
    );
  if (given.token === undefined && world.twoFactor === 'on') {
    if (given.code === undefined) throw problem('second-factor-needed', 'This account has a second factor.');
    if (given.code !== sentinels.code) throw problem('not-signed-in', 'The code is wrong.');
  }
  const cookie = `session-${world.sessions.size + 1}-${Math.random().toString(36).slice(2)}`;
  world.sessions.add(cookie);
  setCookie(cookie);
  return sessionOf(world);
}

function setPassword(world: FakeWorld, { body }: Call): undefined {
  const { newPassword, currentPassword } = body as { newPassword: string; currentPassword?: string };
  if (currentPassword === sentinels.busyPassword) throw problem('too-many-requests', 'Too many tries from this address.');
  if (world.password !== null && currentPassword !== world.password) {
    throw problem('invalid-request', 'The current password is wrong.', [{ path: 'currentPassword', message: 'not the password in force' }]);
  }
  world.password = newPassword;
}

const recoveryCodes = Array.from({ length: 8 }, (_, at) => `f${at}ke-c0de-${at}${at}${at}${at}`);

function provePassword(world: FakeWorld, body: unknown): void {
  if ((body as { password: string }).password !== world.password) throw problem('not-allowed', 'The password is wrong.');
}

function proveCode(body: unknown): void {
  if ((body as { code: string }).code !== sentinels.code) throw problem('not-allowed', 'The code is wrong, or was used already.');
}

const twoFactorState = (world: FakeWorld) => ({
  enabled: world.twoFactor === 'on',
  recoveryCodesLeft: world.twoFactor === 'on' ? recoveryCodes.length : 0,
});

/** Who is signed in, how one comes in, the second factor, the server itself. */
export const sessionHandlers: FakeHandlers = {
  getStatus: fullStatus,
  getSession: sessionOf,
  signIn,
  signOut: (world, { cookie, setCookie }) => {
    world.sessions.delete(cookie ?? '');
    setCookie(null);
  },
  setPassword,
  live: () => ({ status: 'live' }),
  ready: () => ({ status: 'ready' }),
  getSignInMethods: (world) => ({ password: true, oidc: world.oidc === null ? null : { name: world.oidc } }),
  startOidc: () => ({ location: '/sign-in#problem=The%20identity%20provider%20of%20the%20fake%20lets%20nobody%20in.' }),
  getTwoFactor: twoFactorState,
  startTwoFactor: (world, { body }) => {
    provePassword(world, body);
    world.twoFactor = 'begun';
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    return { uri: `otpauth://totp/Muster:${account.email}?secret=${secret}&issuer=Muster`, secret, recoveryCodes };
  },
  verifyTwoFactor: (world, { body }) => {
    proveCode(body);
    world.twoFactor = 'on';
    return twoFactorState(world);
  },
  disableTwoFactor: (world, { body }) => {
    provePassword(world, body);
    proveCode(body);
    world.twoFactor = 'off';
    return twoFactorState(world);
  },
  makeRecoveryCodes: (world, { body }) => {
    provePassword(world, body);
    return { recoveryCodes: recoveryCodes.toReversed() };
  },
};
