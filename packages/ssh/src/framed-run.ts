import { type ChannelEnd, ChannelRun } from './channel-run.ts';
import { EndGate } from './end-gate.ts';
import type { Launch } from './launch.ts';
import { launchError, sudoPasswordWrongError } from './launch-errors.ts';
import type { CommandChannel, Link } from './link.ts';
import { MarkerGate } from './marker-gate.ts';
import { OutputCollector } from './output-collector.ts';
import { frameScript, type ScriptFrame } from './script-frame.ts';
import { type CommandInput, sendInput } from './send-input.ts';

/** A piece of a command's output, as it comes. */
export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

/** One script and the way its shell is started. */
export interface FramedRequest {
  readonly launch: Launch;
  readonly script: string;
  readonly label: string;
  readonly stdin?: CommandInput | undefined;
  readonly maxOutputBytes: number;
  readonly onOutput?: ((chunk: OutputChunk) => void | Promise<void>) | undefined;
}

/** What came of it. */
export interface FramedResult extends ChannelEnd {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Output was dropped, or is still to come from a child left behind. */
  readonly truncated: boolean;
}

/** Starts a shell, satisfies sudo, hands over the script, then its input, and collects what it says. */
export class FramedRun {
  readonly #link: Link;
  readonly #request: FramedRequest;
  readonly #frame: ScriptFrame;
  readonly #gates: { readonly stdout: MarkerGate; readonly stderr: MarkerGate };
  readonly #ends: { readonly stdout: EndGate; readonly stderr: EndGate };
  readonly #collectors: { readonly stdout: OutputCollector; readonly stderr: OutputCollector };
  #channel: CommandChannel | undefined;
  #run: ChannelRun | undefined;
  #failure: { readonly error: unknown } | undefined;
  #scriptSent = false;
  #inputStarted = false;
  #passwordSent = false;

  constructor(link: Link, request: FramedRequest) {
    this.#link = link;
    this.#request = request;
    this.#frame = frameScript(request.script, request.stdin !== undefined, !link.tellsEnds);
    this.#gates = { stdout: new MarkerGate(this.#frame.marker), stderr: new MarkerGate(this.#frame.marker) };
    this.#ends = { stdout: new EndGate(this.#frame.endMark), stderr: new EndGate(this.#frame.endMark) };
    this.#collectors = {
      stdout: new OutputCollector(request.maxOutputBytes, 'head'),
      stderr: new OutputCollector(request.maxOutputBytes, 'tail'),
    };
  }

  /** Process id of the script's shell on the host, once it runs. */
  get pid(): number | undefined {
    return this.#gates.stdout.pid;
  }

  /** Ends the run with an error, whatever it is doing. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#run?.fail(error);
  }

  /** Resolves however the script ended; rejects when its end is not known or its shell did not start. */
  start(): Promise<FramedResult> {
    return this.#link.withChannel(this.#request.launch.command, this.#request.label, async (channel) => {
      this.#channel = channel;
      const run = new ChannelRun(this.#link, channel, this.#request.label, {
        stdout: (chunk) => this.#onStdout(chunk),
        stderr: (chunk) => this.#onStderr(chunk),
      });
      this.#run = run;
      if (this.#failure !== undefined) {
        run.fail(this.#failure.error);
      } else if (this.#request.launch.kind !== 'sudoPassword') {
        this.#sendScript();
      }
      return this.#result(await run.ended);
    });
  }

  #onStdout(chunk: Buffer): void | Promise<void> {
    const { launch } = this.#request;
    const output = this.#gates.stdout.push(chunk);
    if (!this.#scriptSent && launch.kind === 'sudoPassword' && this.#gates.stdout.cut(launch.readyMark)) {
      this.#sendScript();
    }
    if (this.pid !== undefined && !this.#inputStarted) {
      this.#startInput();
    }
    return this.#deliver('stdout', output);
  }

  #onStderr(chunk: Buffer): void | Promise<void> {
    const { launch } = this.#request;
    const output = this.#gates.stderr.push(chunk);
    if (!this.#scriptSent && launch.kind === 'sudoPassword' && this.#gates.stderr.cut(launch.promptMark)) {
      this.#answerSudo(launch.password);
    }
    return this.#deliver('stderr', output);
  }

  /** sudo asks again only after a wrong answer. It is not asked twice: that would lock accounts and tell nothing new. */
  #answerSudo(password: string): void {
    if (this.#passwordSent) {
      this.fail(sudoPasswordWrongError(this.#link.host, this.#request.label));
      return;
    }
    this.#passwordSent = true;
    this.#channel?.write(`${password}\n`);
  }

  #sendScript(): void {
    this.#scriptSent = true;
    this.#channel?.write(this.#frame.text);
    if (this.#request.stdin === undefined) {
      this.#channel?.end();
    }
  }

  #startInput(): void {
    this.#inputStarted = true;
    const { stdin } = this.#request;
    if (stdin !== undefined && this.#channel !== undefined && this.#run !== undefined) {
      sendInput(this.#channel, stdin, this.#run.ended).catch((error: unknown) => this.fail(error));
    }
  }

  #deliver(stream: 'stdout' | 'stderr', piece: Buffer): void | Promise<void> {
    const output = this.#ends[stream].push(piece);
    this.#lookForEnd();
    if (output.length === 0) {
      return;
    }
    this.#collectors[stream].push(output);
    return this.#request.onOutput?.({ stream, data: output });
  }

  /** Told on both outputs, so all of both has come. The run hears of it after it has taken this last piece. */
  #lookForEnd(): void {
    const { status } = this.#ends.stdout;
    if (status !== undefined && this.#ends.stderr.status !== undefined) {
      queueMicrotask(() => this.#run?.tellEnd(status));
    }
  }

  #result(end: ChannelEnd): FramedResult {
    const { stdout, stderr } = this.#collectors;
    if (this.pid === undefined) {
      const noise = `${this.#gates.stdout.noise}\n${this.#gates.stderr.noise}`;
      throw launchError(this.#link.host, this.#request.launch, this.#request.label, end, noise);
    }
    if (this.#frame.endMark !== undefined && this.#ends.stdout.status === undefined) {
      throw this.#link.lostError(this.#request.label);
    }
    return { ...end, stdout: stdout.bytes(), stderr: stderr.bytes(), truncated: end.outputOpen || stdout.truncated || stderr.truncated };
  }
}
