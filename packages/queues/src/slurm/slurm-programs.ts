import { execFile } from 'node:child_process';
import { QueueError } from '../queue-error.ts';

/** The programs of Slurm. Tests put faults in their place. */
export type SlurmPrograms = {
  /** Runs one and returns what it printed. @throws QueueError */
  run(program: 'squeue' | 'sinfo' | 'scontrol' | 'scancel', args: readonly string[], signal?: AbortSignal): Promise<string>;
};

export type SlurmProgramsOptions = {
  /** What Slurm is called in messages. */
  readonly queue: string;
  /** The file slurm.conf, where it is not at its usual place. */
  readonly configuration?: string | undefined;
  readonly timeoutMs?: number;
};

/** A queue of 100,000 jobs is some 300 MB in the words of `squeue --json`. */
const largestOutput = 1024 ** 3;
const usualTimeoutMs = 60_000;

/** What slurmctld says, or its programs, when it cannot be reached. */
const noAnswer =
  /Unable to contact slurm controller|Connection refused|Socket timed out|slurm_load_\w+ error: (?:Unable|Zero)|Connection timed out/iu;

/** The programs of this machine, in English, with the whole text of job arrays. */
export function slurmPrograms({ queue, configuration, timeoutMs = usualTimeoutMs }: SlurmProgramsOptions): SlurmPrograms {
  const env = {
    ...process.env,
    LC_ALL: 'C',
    // squeue(1): 0 is the whole text.
    SLURM_BITSTR_LEN: '0',
    ...(configuration === undefined ? {} : { SLURM_CONF: configuration }),
  };
  return {
    run: (program, args, signal) =>
      new Promise((resolve, reject) => {
        const options = { env, timeout: timeoutMs, maxBuffer: largestOutput, ...(signal === undefined ? {} : { signal }) };
        execFile(program, [...args], options, (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(errorOf(error, { queue, program, said: `${stderr}${stdout}`.trim(), timeoutMs }));
        });
      }),
  };
}

type Failed = { readonly queue: string; readonly program: string; readonly said: string; readonly timeoutMs: number };

function errorOf(error: Error & { code?: unknown; killed?: boolean }, { queue, program, said, timeoutMs }: Failed): Error {
  if (error.name === 'AbortError') return error;
  const first = said.split('\n')[0] ?? '';
  if (error.code === 'ENOENT')
    return new QueueError('no-answer', `The queue ${queue} cannot be asked: there is no program ${program} here. Install slurm-client.`, {
      cause: error,
    });
  if (error.killed === true)
    return new QueueError('no-answer', `The queue ${queue} did not answer ${program} within ${timeoutMs / 1000} s.`, { cause: error });
  if (noAnswer.test(said))
    return new QueueError('no-answer', `The controller of the queue ${queue} does not answer: ${first}`, { cause: error });
  return new QueueError('refused', `The queue ${queue} refused ${program}: ${first === '' ? error.message : first}`, { cause: error });
}
