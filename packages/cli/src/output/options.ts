import { parseDuration } from '@muster/core';
import { InvalidArgumentError } from 'commander';
import { CliError } from '../cli-error.ts';

/** Gathers the values of an option that may stand several times. */
export const collect = (value: string, all: readonly string[]): string[] => [...all, value];

/** Seconds of an option that is a duration: `90s`, `15m`, `2h`, `30d`. */
export function durationOption(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds < 1) throw new InvalidArgumentError('must be a duration such as 90s, 15m, 2h, 30d or 1h30m.');
  return seconds;
}

/** Key and value of `KEY=VALUE`. @throws CliError */
export function labelOf(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new CliError(`"${text}" is not a label: write KEY=VALUE.`, 2);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
