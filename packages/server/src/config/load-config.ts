import { nearest } from '@muster/core';
import { type Document, parseDocument } from 'yaml';
import { z } from 'zod';
import { Config, configKeys, unwrap } from './config.ts';
import { ConfigError } from './config-error.ts';

/** Where the configuration comes from; reading file and environment is the caller's. */
export type ConfigSources = {
  /** The YAML file and its text, if there is one. */
  readonly file?: { readonly path: string; readonly text: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Variables with our prefix that are not of the configuration. */
const otherVariables =
  /^MUSTER_(?:CONFIG|SOCKET|URL|CONTEXT|API_KEY|API_KEY_FILE|CA_FINGERPRINT|PLAIN|CHROMIUM|PANEL_API|INVENTORY_SEED|LAB|LAB_.*|TEST_.*)$/u;

/** `http.publicUrl` is set by MUSTER_HTTP_PUBLIC_URL. */
export const variableOf = (key: string): string =>
  `MUSTER_${key
    .replace(/([a-z])([A-Z])/gu, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`;

/**
 * The effective configuration: the file, environment variables over it, defaults under it.
 * @throws ConfigError naming file or variable, key, reason, and for an unknown key the nearest known one
 */
export function loadConfig({ file, environment }: ConfigSources): Config {
  const values = file === undefined ? {} : readYaml(file.path, file.text);
  for (const [key, value] of fromEnvironment(environment)) assign(values, key.split('.'), value);
  const result = Config.safeParse(values);
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.flatMap((issue) => explain(issue, file?.path, environment)).join('\n'));
}

function readYaml(path: string, text: string): Record<string, unknown> {
  const document = parseDocument(text);
  const broken = document.errors[0];
  if (broken !== undefined) throw new ConfigError(`${path}: not valid YAML: ${broken.message.split('\n')[0]}`, { cause: broken });
  const value = valueOf(document, path);
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new ConfigError(`${path}: the file must hold keys and values, as "http: { port: 7420 }".`);
  return value as Record<string, unknown>;
}

function valueOf(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // An alias of nothing.
    throw new ConfigError(`${path}: not valid YAML: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function fromEnvironment(environment: ConfigSources['environment']): [string, unknown][] {
  const keyOf = new Map(configKeys().map((key) => [variableOf(key), key]));
  return Object.entries(environment)
    .filter(([name, text]) => name.startsWith('MUSTER_') && text !== undefined && !otherVariables.test(name))
    .map(([name, text]) => {
      const key = keyOf.get(name);
      if (key === undefined)
        throw new ConfigError(`Environment variable ${name} is not known${suggestion(nearest(name, [...keyOf.keys()]))}`);
      return [key, typed(key, text ?? '')];
    });
}

/** Variables are text: numbers, yes and no, and lists are read by what the schema expects at their key. */
function typed(key: string, text: string): unknown {
  let schema: z.ZodType = Config;
  for (const part of key.split('.')) {
    const inner = unwrap(schema);
    schema = (inner as z.ZodObject).shape[part] as z.ZodType;
  }
  const inner = unwrap(schema);
  if (inner instanceof z.ZodNumber) return text.trim() === '' ? text : Number(text);
  if (inner instanceof z.ZodBoolean) return text === 'true' ? true : text === 'false' ? false : text;
  if (inner instanceof z.ZodArray) return text.split(',').map((one) => one.trim());
  return text;
}

function assign(target: Record<string, unknown>, [head = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = target[head];
  const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  target[head] = next;
  assign(next, rest, value);
}

function explain(issue: z.core.$ZodIssue, file: string | undefined, environment: ConfigSources['environment']): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const full = path === '' ? key : `${path}.${key}`;
      const known = configKeys().flatMap((one) => [one, ...sections(one)]);
      return `${file ?? 'configuration'}: the key "${full}" is not known${suggestion(nearest(full, known) ?? keyElsewhere(key, known))}`;
    });
  }
  const variable = variableOf(path);
  const where = environment[variable] === undefined ? `${file ?? 'configuration'}: ${path}` : `Environment variable ${variable}`;
  return [`${where}: ${issue.message}`];
}

/** A key that was written at the wrong place: the first known path that ends in the word it most likely is. */
function keyElsewhere(key: string, known: readonly string[]): string | undefined {
  const lastWord = (path: string) => path.split('.').at(-1) ?? path;
  const word = nearest(key, known.map(lastWord));
  return known.find((path) => lastWord(path) === word);
}

const sections = (key: string): string[] => (key.includes('.') ? [key.slice(0, key.lastIndexOf('.'))] : []);
const suggestion = (near: string | undefined): string => (near === undefined ? '.' : `; did you mean "${near}"?`);
