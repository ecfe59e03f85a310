import { ChannelRun } from './channel-run.ts';
import { CommandLimits } from './command-limits.ts';
import type { Link } from './link.ts';
import { OutputCollector } from './output-collector.ts';
import { oneLine } from './ssh-error.ts';

/** Settings of {@link Connection.ask}. */
export interface AskOptions {
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** What came of it. */
export interface AskResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** The last words it printed, on either stream, in one printable line. */
  readonly said: string;
}

/** Of each stream this much is kept: an answer is a line or two. */
const MAX_OUTPUT_BYTES = 8192;

/** Sends an exec request as it is, without a shell of ours around it; see {@link Connection.ask}. */
export async function askPlainly(link: Link, request: string, options: AskOptions): Promise<AskResult> {
  const limits = new CommandLimits(link.host, request, options);
  const [stdout, stderr] = [new OutputCollector(MAX_OUTPUT_BYTES, 'tail'), new OutputCollector(MAX_OUTPUT_BYTES, 'tail')];
  try {
    limits.throwIfAborted();
    const outcome = link.withChannel(request, request, (channel) => {
      const run = new ChannelRun(link, channel, request, {
        stdout: (chunk) => stdout.push(chunk),
        stderr: (chunk) => stderr.push(chunk),
      });
      channel.end();
      return run.ended;
    });
    // When a limit wins the race, the run's own rejection comes later and has been dealt with.
    outcome.catch(() => undefined);
    const { exitCode } = await Promise.race([outcome, limits.exceeded]);
    return { exitCode, said: oneLine(`${stderr.bytes().toString('utf8')}\n${stdout.bytes().toString('utf8')}`) };
  } finally {
    limits.end();
  }
}
