import type { Member } from '@muster/api';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';

/** The one server that a name, or the beginning of an id, means. @throws CliError when there is not exactly one */
export function memberNamed(members: readonly Member[], given: string): Member {
  const named = members.filter(({ name }) => name === given);
  const found = named.length > 0 ? named : members.filter(({ id }) => id.startsWith(given));
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  const names = members.map(({ id, name }) => `${printable(name)} (${id.slice(0, 8)})`).join(', ');
  throw new CliError(
    `${found.length === 0 ? 'No server' : 'More than one server'} of the pool is meant by ${given}; there are ${names}.`,
    1,
  );
}
