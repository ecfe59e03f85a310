import { describe, expect, it } from 'vitest';

import { LabError } from './errors.ts';
import { requireCommand, runCommand } from './run-command.ts';

const node = (program: string): string[] => [process.execPath, '-e', program];

describe('runCommand', () => {
  it('passes arguments as they are and gives back code and both outputs', async () => {
    const program = 'console.log(process.argv.slice(1).join("|")); console.error("oh"); process.exitCode = 7';
    expect(await runCommand([...node(program), 'a b', '$HOME', "it's", ''])).toEqual({
      code: 7,
      stdout: "a b|$HOME|it's|\n",
      stderr: 'oh\n',
    });
  });

  it('feeds the input, adds to the environment, and tells a signal as a shell would', async () => {
    const echo = await runCommand(node('process.stdin.pipe(process.stdout); console.log(process.env.LAB_X)'), {
      input: 'in',
      env: { LAB_X: 'x' },
    });
    expect(echo.stdout).toBe('x\nin');
    expect((await runCommand(node('process.kill(process.pid, "SIGTERM")'))).code).toBe(143);
  });

  it('kills a command that takes too long, with what it started', async () => {
    const program = 'console.log(require("node:child_process").spawn("sleep", ["600"]).pid); setTimeout(() => {}, 600000)';
    await expect(runCommand(node(program), { timeoutSeconds: 0.3 })).rejects.toThrow(/within 0.3 s/);
  });

  it('does not mind a command that leaves its input unread', async () => {
    expect((await runCommand(['true'], { input: 'x'.repeat(1_000_000) })).code).toBe(0);
  });

  it('says which program cannot be started', async () => {
    await expect(runCommand(['no-such-program-here'])).rejects.toThrow(/cannot start no-such-program-here/);
    await expect(runCommand([])).rejects.toThrow(LabError);
  });
});

describe('requireCommand', () => {
  it('names the step, the status and the last line said', async () => {
    const failing = requireCommand('the step', node('console.error("first\\nlast"); process.exitCode = 3'), { advice: 'do this' });
    await expect(failing).rejects.toMatchObject({
      message: 'the step failed with status 3: last',
      line: 'the step failed with status 3: last (do this)',
    });
    await expect(requireCommand('the step', node('console.log("fine")'))).resolves.toBe('fine\n');
  });
});
