import { expect, it } from 'vitest';
import { createRunner, reasonOfFailure } from './run-program.ts';

const limits = { timeoutMs: 3000, maxOutputBytes: 1000 };
const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script];

it('gives back what a program prints and how it ends', async () => {
  const result = await createRunner()(node('console.log(1); console.error(2); process.exit(3)'), limits);
  expect(result).toEqual({ kind: 'done', status: 3, stdout: '1\n', stderr: '2\n' });
  expect(reasonOfFailure(result)).toBe('exit status 3: 2');
});

it('tells a missing program from one that fails', async () => {
  const result = await createRunner()(['/no/such/program'], limits);
  expect(result).toEqual({ kind: 'absent' });
  expect(reasonOfFailure(result)).toBe('there is no such program');
  expect((await createRunner()(['/etc/passwd'], limits)).kind).toBe('failed');
});

it('passes arguments as they are: nothing is a shell', async () => {
  const result = await createRunner()([process.execPath, '-e', 'console.log(process.argv[1])', '--', '$(id); `id` && x'], limits);
  expect(result).toMatchObject({ stdout: '$(id); `id` && x\n' });
});

it('sets language and time zone, and hands on nothing else', async () => {
  const result = await createRunner()(node('console.log(Object.keys(process.env).sort().join())'), limits);
  expect(result).toMatchObject({ stdout: 'LC_ALL,PATH,TZ\n' });
});

it('kills what takes too long', async () => {
  const begin = performance.now();
  const result = await createRunner()(['sleep', '30'], { ...limits, timeoutMs: 100 });
  expect(result).toEqual({ kind: 'failed', reason: 'no answer within 0.1 s' });
  expect(performance.now() - begin).toBeLessThan(1500);
});

it('kills what prints too much', async () => {
  const result = await createRunner()(['yes'], limits);
  expect(result).toEqual({ kind: 'failed', reason: 'more than 1000 bytes of output' });
});

it('reports a signal', async () => {
  expect(await createRunner()(node("process.kill(process.pid, 'SIGTERM')"), limits)).toEqual({
    kind: 'failed',
    reason: 'ended by SIGTERM',
  });
});

it('does not start a program again while an earlier one could not be killed, and does afterwards', async () => {
  const run = createRunner();
  const first = run(['sleep', '30'], { ...limits, timeoutMs: 50 });
  await first;
  // The kill has been sent, its effect has not been seen yet.
  expect(await run(['sleep', '0'], limits)).toEqual({ kind: 'failed', reason: 'an earlier call still hangs' });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await run(['sleep', '0'], limits)).toMatchObject({ kind: 'done', status: 0 });
});
