import type { AuthorityStatus } from '@muster/api';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, type Asked, FakeServer, problemAnswer } from '../../../test/fake-server.ts';
import { runMuster } from '../../../test/run-muster.ts';

const info = {
  generation: 1,
  fingerprint: 'ab'.repeat(32),
  createdAt: '2026-01-01T00:00:00.000Z',
  notAfter: '2036-01-01T00:00:00.000Z',
  issues: true,
  shows: true,
};
const quiet: AuthorityStatus = { trusted: [info], rotation: null };
const during = (phase: 'prepare' | 'agents' | 'servers' | 'rollback'): AuthorityStatus => ({
  trusted: [info, { ...info, generation: 2, issues: false, shows: false }],
  rotation: {
    phase,
    from: 1,
    to: 2,
    startedAt: '2026-02-01T00:00:00.000Z',
    startedBy: 'ada\u001B[2J',
    phaseSince: '2026-02-02T00:00:00.000Z',
    nodes: 3,
    caughtUp: 2,
    behind: [{ kind: 'node', name: 'web1', lacks: 'it does not trust the new authority yet', connected: false }],
  },
});

let server: FakeServer | undefined;
afterEach(() => server?.stop());
const authority = async (answer: (asked: Asked) => Answer, ...args: string[]) => {
  server = await FakeServer.start(answer);
  return runMuster('--socket', server.socketPath, 'authority', ...args);
};
const posted = () => server?.asked.filter(({ method }) => method === 'POST').map(({ path, body }) => [path, body]);
/** A server in a phase, that goes to another one when it is asked to. */
const going =
  (before: AuthorityStatus, after: AuthorityStatus = before) =>
  ({ method }: Asked): Answer => ({ body: method === 'POST' ? after : before });

describe('muster authority status', () => {
  it('says what is trusted when nothing is being replaced', async () => {
    const { code, stdout } = await authority(going(quiet), 'status');
    expect([code, stdout]).toEqual([
      0,
      `Authority    1: is trusted, certifies nodes, is shown by servers\nFingerprint  ${info.fingerprint}\nGood         2026-01-01 00:00 to 2036-01-01 00:00\nRotation     none is under way\n`,
    ]);
  });

  it('says during a replacement what comes next, and who lacks what; nothing that it prints is obeyed', async () => {
    const { stdout } = await authority(going(during('prepare')), 'status');
    expect(stdout).toContain('Phase        prepare, since 2026-02-02 00:00\nNodes        2 of 3 caught up\n');
    expect(stdout).toContain('Next         muster authority rotate agents, when nobody is behind any more\n');
    expect(stdout).toMatch(/^web1 +node +no +it does not trust the new authority yet$/mu);
    expect(stdout).not.toContain('\u001B[2J');
    await server?.stop();
    expect(JSON.parse((await authority(going(quiet), 'status', '-o', 'json')).stdout)).toEqual(quiet);
  });
});

describe('muster authority certificate', () => {
  it.each([
    [[], '/ca/root.pem'],
    [['--chain'], '/ca/chain.pem'],
  ])('%j', async (args, path) => {
    const { code, stdout } = await authority(() => (response) => void response.end('PEM\n'), 'certificate', ...args);
    expect([code, stdout, server?.asked[0]?.path]).toEqual([0, 'PEM\n', path]);
  });

  it('says when the server has none', async () =>
    expect(await authority(() => ({ status: 404 }), 'certificate')).toMatchObject({
      code: 1,
      stderr: 'error: The server has no /ca/root.pem (status 404).\n',
    }));
});

describe('muster authority rotate', () => {
  it.each([
    ['prepare', quiet, { step: 'begin', leaveBehind: [] }],
    ['agents', during('prepare'), { step: 'next', leaveBehind: [] }],
    ['servers', during('agents'), { step: 'next', leaveBehind: [] }],
    ['finish', during('servers'), { step: 'finish', leaveBehind: [] }],
    ['roll-back', during('agents'), { step: 'rollback', leaveBehind: [] }],
  ])('%s', async (word, before, body) => {
    const { code } = await authority(going(before), 'rotate', word, '--yes');
    expect([code, posted()]).toEqual([0, [['/authority/rotation', body]]]);
  });

  it('does not take a step twice, nor one before its time', async () => {
    expect(await authority(going(during('agents')), 'rotate', 'agents')).toMatchObject({ code: 0 });
    expect(posted()).toEqual([]);
    await server?.stop();
    const { code, stderr } = await authority(going(during('prepare')), 'rotate', 'servers');
    expect([code, posted()]).toEqual([1, []]);
    expect(stderr).toBe('error: The phase is prepare. Before "rotate servers" comes "muster authority rotate agents".\n');
    await server?.stop();
    expect((await authority(going(quiet), 'rotate', 'agents')).stderr).toContain('no replacement is under way');
  });

  it('asks before the end and before somebody is left behind', async () => {
    const { code, stderr } = await authority(going(during('servers')), 'rotate', 'finish');
    expect([code, posted()]).toEqual([2, []]);
    expect(stderr).toBe('error: Drop authority 1 for good, and revoke what it signed? Nothing was changed. Say --yes.\n');
    await server?.stop();
    expect((await authority(going(during('rollback')), 'rotate', 'finish')).stderr).toContain('Drop authority 2');
    await server?.stop();
    const left = await authority(going(during('prepare')), 'rotate', 'agents', '--leave-behind', 'web1', '--leave-behind', 'web2');
    expect(left.stderr).toContain('Go on with agents and leave behind web1, web2?');
  });

  it('names who is behind and with what', async () => {
    const answer = ({ method }: Asked): Answer => {
      if (method !== 'POST') return { body: during('prepare') };
      const refusal = problemAnswer('authority-step', '1 not caught up: web1.') as { status: number; body: object };
      return { ...refusal, body: { ...refusal.body, errors: [{ path: 'web1', message: 'it does not trust the new authority yet' }] } };
    };
    const { code, stderr } = await authority(answer, 'rotate', 'agents');
    expect(code).toBe(1);
    expect(stderr).toContain('1 not caught up: web1.\n  web1: it does not trust the new authority yet\nThe steps are prepare, agents');
  });

  it('names the good words', async () => {
    const { code, stderr } = await authority(going(quiet), 'rotate', 'begin');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/prepare, agents, servers, finish, roll-back/u)]);
  });
});
