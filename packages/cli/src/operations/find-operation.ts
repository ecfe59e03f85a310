import type { Client } from '@muster/api';
import { CliError } from '../cli-error.ts';

const whole = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;
const looked = 1000;

/** The id of an operation, which may be given by its beginning. @throws CliError where none or several of the newest begin so */
export async function findOperation(client: Pick<Client, 'listOperations'>, given: string): Promise<string> {
  const text = given.toLowerCase();
  if (whole.test(text)) return text;
  if (!/^[0-9a-f-]{3,}$/u.test(text))
    throw new CliError(`"${given}" is not the id of an operation, nor three or more of its first characters.`, 2);
  const { items } = await client.listOperations({ query: { limit: looked } });
  const [found, ...others] = items.filter(({ id }) => id.startsWith(text));
  if (found === undefined) throw new CliError(`None of the ${items.length} newest operations has an id that begins with ${text}.`);
  if (others.length > 0) throw new CliError(`${others.length + 1} operations have ids that begin with ${text}: give more of it.`, 2);
  return found.id;
}
