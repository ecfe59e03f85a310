import { randomBytes } from 'node:crypto';
import { shellQuote } from './shell-quote.ts';

/**
 * What a host's shell is told before a script: an unlocalised language, so that messages can be recognised, and the folders
 * a login shell would have added, so that a script finds the same programs with and without sudo.
 */
const PREAMBLE = 'LC_ALL=C; export LC_ALL; PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH';

/** A script made ready to be written to the standard input of `/bin/sh`. */
export interface ScriptFrame {
  /** Stands on stdout and stderr, followed by the shell's process id, before the script's own output. */
  readonly marker: string;
  readonly text: string;
  /** Stands on both outputs after the script's own, followed by its exit status; undefined where the transport tells the end. */
  readonly endMark?: string | undefined;
}

/**
 * Frames a script. It reaches the host on standard input, so nothing of it is seen in the host's process list. The compound
 * command is parsed as a whole before it runs, so the shell reads no further: a script without input gets /dev/null, and
 * one with input gets what is sent after its marker came (dash reads ahead, so it must not be sent earlier).
 *
 * With `tellsEnd` the script runs in a subshell, after which its status is written on both outputs: so it is known that all of both has come.
 */
export function frameScript(script: string, hasInput: boolean, tellsEnd = false): ScriptFrame {
  const marker = randomMarker();
  const input = hasInput ? '' : ' </dev/null';
  const endMark = tellsEnd ? `${marker}-end` : undefined;
  const run = `eval ${shellQuote(script)}`;
  const told = `( ${run} ); status=$?; echo "${endMark} $status"; echo "${endMark} $status" >&2; exit "$status"`;
  return {
    marker,
    endMark,
    text: `{ ${PREAMBLE}; echo "${marker} $$"; echo "${marker} $$" >&2; ${tellsEnd ? told : `${run}; exit`}; }${input}\n`,
  };
}

/** A word no output contains by chance. */
export function randomMarker(): string {
  return `muster-${randomBytes(12).toString('hex')}`;
}
