import { parseArgs } from 'node:util';
import { AgentError, messageOf } from '../agent-error.ts';

const known = {
  'state-dir': { type: 'string' },
  config: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  server: { type: 'string', multiple: true },
  force: { type: 'boolean' },
  output: { type: 'string', short: 'o' },
  'node-name': { type: 'string' },
  job: { type: 'string' },
  'end-with-input': { type: 'boolean' },
  archive: { type: 'string' },
  to: { type: 'string' },
  'max-bytes': { type: 'string' },
} as const;

type OptionName = keyof typeof known;

export type Options = {
  readonly text: (name: OptionName) => string | undefined;
  readonly texts: (name: OptionName) => readonly string[] | undefined;
  readonly flag: (name: OptionName) => boolean;
};

/** Reads the options of one command, of which only `allowed` exist. Throws an `AgentError` (`usage`). */
export function parseOptions(command: string, args: readonly string[], allowed: readonly OptionName[]): Options {
  const values = parse(command, args, allowed);
  const text = (name: OptionName): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    text,
    texts: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
    },
    flag: (name) => values[name] === true,
  };
}

function parse(command: string, args: readonly string[], allowed: readonly OptionName[]): Readonly<Record<string, unknown>> {
  const options = Object.fromEntries(allowed.map((name) => [name, known[name]]));
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const what = messageOf(error).split('. ')[0];
    throw new AgentError('usage', `${command}: ${what}. See muster-agent --help`, error);
  }
}

/** True for `-o json`, false without; anything else is an error. */
export function wantsJson(options: Options): boolean {
  const output = options.text('output');
  if (output !== undefined && output !== 'json') throw new AgentError('usage', `-o knows json, not ${JSON.stringify(output.slice(0, 40))}`);
  return output === 'json';
}
