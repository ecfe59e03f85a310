import { AgentError } from '../agent-error.ts';
import { readJob } from '../environments/launch/job.ts';
import { work } from '../environments/launch/work.ts';
import { parseOptions } from './options.ts';

/** `muster-agent environment-work`: the process that builds. For the agent itself, not for people. */
export async function environmentWorkCommand(args: readonly string[], program: string): Promise<string> {
  const options = parseOptions('environment-work', args, ['job', 'end-with-input']);
  const path = options.text('job');
  if (path === undefined) throw new AgentError('usage', 'environment-work needs --job');
  const job = await readJob(path);
  if (job === undefined) throw new AgentError('failed', `${path} holds no job`);
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (options.flag('end-with-input')) process.stdin.resume().once('end', end).once('error', end);
  const result = await work(job, {
    signal: ending.signal,
    program: [process.execPath, program],
    onStep: (step, detail) => void process.stderr.write(`${step} ${detail}\n`),
  });
  return `${result.outcome}: ${result.message}\n`;
}
