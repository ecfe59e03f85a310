/** Where the value of a secret is, when an inventory does not hold it itself. */
export interface SecretPlace {
  /** A variable of the environment, the output of a command, or the content of a file. */
  readonly kind: 'env' | 'pipe' | 'file';
  readonly argument: string;
}

const LOOKUP =
  /^\s*\{\{\s*lookup\(\s*(?<q>['"])(?:ansible\.builtin\.)?(?<kind>env|pipe|file)\k<q>\s*,\s*(?<r>['"])(?<argument>[^'"]+)\k<r>\s*\)\s*\}\}\s*$/u;

/** Only these are looked up: a label or a note that somebody else writes must never run a command here. */
const SECRET_NAME = /(?:pass(?:word|phrase)?|secret|token)$/iu;

/**
 * What Ansible's users write for a secret that is elsewhere: `{{ lookup('env', 'NAME') }}`, `'pipe'` or `'file'` as the whole value of a variable
 * whose name says that it is secret. Undefined for everything else. Pure.
 */
export function secretPlace(name: string, value: unknown): SecretPlace | undefined {
  if (typeof value !== 'string' || !SECRET_NAME.test(name)) return undefined;
  const { kind, argument = '' } = LOOKUP.exec(value)?.groups ?? {};
  return kind === 'env' || kind === 'pipe' || kind === 'file' ? { kind, argument } : undefined;
}
