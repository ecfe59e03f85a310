import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { waitFor } from '../../../test/wait-for.ts';
import type { RunProgram } from '../../run-program.ts';
import type { HandlerResult } from '../task-handler.ts';
import { serviceHandler } from './service-handler.ts';

type Unit = { readonly load?: string; readonly active?: string; readonly sub?: string; readonly result?: string; readonly type?: string };

/** A systemd that is a script: it writes down what it is asked to do, says something and ends as a test wants. */
function fakeSystemd(unit: Unit, script = 'exit 0') {
  const folder = temporaryFolder();
  const systemctl = join(folder, 'systemctl');
  const asked = join(folder, 'asked');
  writeFileSync(systemctl, `#!/bin/sh\nprintf '%s\\n' "$@" >>${asked}\n${script}\n`);
  chmodSync(systemctl, 0o755);
  const { load = 'loaded', active = 'active', sub = 'running', result = 'success', type = 'simple' } = unit;
  const run: RunProgram = (argv) => {
    const stdout = `LoadState=${load}\nActiveState=${active}\nSubState=${sub}\nResult=${result}\nType=${type}\n`;
    return Promise.resolve({ kind: 'done', status: 0, stdout: argv[1] === 'show' ? stdout : 'last lines of the journal\n', stderr: '' });
  };
  let done = 0;
  const handler = serviceHandler({ run, systemctl, hasSystemd: () => Promise.resolve(true), onDone: () => (done += 1) });
  return {
    act: (work: object, timeoutSeconds = 20, signal = new AbortController().signal): Promise<HandlerResult> =>
      handler.run({ id: randomUUID(), work: { kind: 'service', ...work }, timeoutSeconds, signal }),
    asked: () => (existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : []),
    done: () => done,
  };
}

const unit = 'ssh.service';

describe('a service', () => {
  it.each([
    ['start', {}, 'ssh.service is active (running).'],
    ['restart', { active: 'reloading', sub: 'reload' }, 'ssh.service is reloading (reload).'],
    ['start', { active: 'inactive', sub: 'dead', type: 'oneshot' }, 'ssh.service is inactive (dead).'],
    ['stop', { active: 'inactive', sub: 'dead' }, 'ssh.service is inactive (dead).'],
    ['stop', { active: 'failed', sub: 'failed' }, 'ssh.service is failed (failed).'],
  ])('does as it was told: %s, then %j', async (action, state, message) => {
    const systemd = fakeSystemd(state);
    expect(await systemd.act({ action, unit })).toMatchObject({ outcome: 'succeeded', exitStatus: 0, message });
    expect(systemd.asked()).toEqual([action, '--', unit]);
    expect(systemd.done()).toBe(1);
  });

  it.each([
    ['start', { active: 'failed', sub: 'failed' }, 'Not running after the start: ssh.service is failed (failed).'],
    ['restart', { active: 'activating', sub: 'auto-restart' }, 'Not running after the restart: ssh.service is activating (auto-restart).'],
    ['start', { active: 'inactive', sub: 'dead', type: 'oneshot', result: 'exit-code' }, 'Not running after the start'],
    ['stop', { active: 'active' }, 'Not stopped: ssh.service is active (running).'],
    ['start', { load: 'not-found', active: 'inactive' }, 'ssh.service is not installed on this node.'],
  ])('that says yes and is not so is a failure: %s, then %j', async (action, state, message) => {
    const result = await fakeSystemd(state).act({ action, unit });
    expect(result).toMatchObject({ outcome: 'failed', message: expect.stringContaining(message) as unknown });
    expect(result.output).toContain('last lines of the journal');
  });

  it.each([
    ['stop', { load: 'not-found', active: 'inactive' }, 'ssh.service is not installed on this node.'],
    ['restart', { active: 'failed', sub: 'failed' }, 'systemctl restart ended with 5; ssh.service is failed (failed).'],
  ])('that systemctl refuses is a failure with what it said: %s of %j', async (action, state, message) => {
    const systemd = fakeSystemd(state, 'echo "no way" >&2; exit 5');
    expect(await systemd.act({ action, unit })).toMatchObject({
      outcome: 'failed',
      exitStatus: 5,
      message,
      output: 'no way\nlast lines of the journal\n',
    });
  });

  it.each([
    [{ action: 'enable', unit }, 'names no action'],
    [{ unit }, 'names no action'],
    [{ action: 'start' }, 'names no unit'],
    [{ action: 'start', unit: 7 }, 'names no unit'],
    [{ action: 'start', unit: '--help' }, 'is not the name of a systemd unit'],
    [{ action: 'start', unit: 'ssh.service; id' }, 'is not the name of a systemd unit'],
    [{ action: 'stop', unit: '*.service' }, 'stands for more than one unit'],
    [{ action: 'stop', unit: 'getty@.service' }, 'template'],
    [{ action: 'restart', unit: 'muster-agent.service' }, 'An agent does not do this to itself'],
  ])('%j is refused before systemd hears of it', async (work, message) => {
    const systemd = fakeSystemd({});
    await expect(systemd.act(work)).rejects.toThrow(message);
    expect(systemd.asked()).toEqual([]);
  });

  it('that takes too long, or is cancelled, is not awaited any more, and says that systemd goes on', async () => {
    for (const [reason, outcome] of [
      ['timeout', 'failed'],
      ['cancelled', 'cancelled'],
    ]) {
      const systemd = fakeSystemd({}, 'sleep 60');
      const controller = new AbortController();
      const acting = systemd.act({ action: 'start', unit }, 1, controller.signal);
      await waitFor(() => systemd.asked().length === 3, 'systemctl');
      controller.abort(reason);
      expect(await acting).toMatchObject({
        outcome,
        message: expect.stringContaining('systemd may still be at it: look at ssh.service') as unknown,
      });
    }
  });

  it('is not there without systemd', async () => {
    const handler = serviceHandler({
      run: () => Promise.resolve({ kind: 'absent' }),
      hasSystemd: () => Promise.resolve(false),
      onDone: () => undefined,
    });
    const context = {
      id: randomUUID(),
      work: { kind: 'service', action: 'start', unit },
      timeoutSeconds: 1,
      signal: new AbortController().signal,
    };
    expect(await handler.run(context)).toMatchObject({ outcome: 'failed', message: 'This machine has no systemd.' });
  });

  it('of which systemd gives no state is a failure that says so', async () => {
    const handler = serviceHandler({
      run: () => Promise.resolve({ kind: 'failed', reason: 'no answer within 10 s' }),
      hasSystemd: () => Promise.resolve(true),
      onDone: () => undefined,
      systemctl: 'true',
    });
    const context = {
      id: randomUUID(),
      work: { kind: 'service', action: 'stop', unit },
      timeoutSeconds: 1,
      signal: new AbortController().signal,
    };
    await expect(handler.run(context)).rejects.toThrow('systemctl does not say how ssh.service is: no answer within 10 s');
  });
});
