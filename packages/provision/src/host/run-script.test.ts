import { SshError } from '@muster/ssh';
import { describe, expect, it } from 'vitest';
import { FakeHost } from '../../test/fake-host.ts';
import { ProvisionError } from '../provision-error.ts';
import { readLines, runScript } from './run-script.ts';

const label = 'look at the host';
const failureWith = async (ending: Parameters<FakeHost['trouble']>[1]): Promise<unknown> => {
  const host = new FakeHost('web1');
  host.trouble(label, ending);
  return runScript(host, 'true', { label }).then(
    () => undefined,
    (error: unknown) => error,
  );
};

describe('a script on a host', () => {
  it('gives what it printed, and is sent with all that goes along', async () => {
    const host = new FakeHost('web1');
    expect(await runScript(host, 'true', { label, sudo: true, stdin: 'x' })).toContain('os_id=debian');
    expect(host.sent).toEqual([{ label, script: 'true', stdin: 'x', sudo: true }]);
  });

  it.each([
    [{ stderr: 'no such file\n' }, 'look at the host failed (exit status 1): no such file'],
    [{ exitCode: 7, stdout: 'said on stdout\n' }, 'look at the host failed (exit status 7): said on stdout'],
    [{ exitCode: null, signal: 'SIGKILL' }, 'look at the host failed (signal SIGKILL) and said nothing'],
    [{ stderr: '1\n2\n3\n4\n5\n6\n7\n' }, 'look at the host failed (exit status 1): 3\n4\n5\n6\n7'],
  ])('that ends with %j is a failure with the end of what it said', async (ending, message) => {
    const error = await failureWith(ending);
    expect(error).toBeInstanceOf(ProvisionError);
    expect(error).toMatchObject({ message, command: label });
  });

  it('whose end is not known fails as the connection says', async () => {
    const lost = new SshError({ kind: 'connectionLost', host: new FakeHost('web1').host, what: 'it is gone', advice: 'Look.' });
    expect(await failureWith(lost)).toBe(lost);
  });

  it('is read line by line: what has no equals sign is noise', () => {
    expect([...readLines('a=1\nnoise\nb=x=y\nc=\n=d\n')]).toEqual([
      ['a', '1'],
      ['b', 'x=y'],
      ['c', ''],
      ['', 'd'],
    ]);
  });
});
