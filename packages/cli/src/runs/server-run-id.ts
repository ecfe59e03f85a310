import type { Client } from '@muster/api';
import { runNamed } from './run-folder.ts';

/** The id of the run on the server whose id begins so. @throws CliError when there is none, or more than one */
export async function serverRunId(client: Pick<Client, 'listRuns'>, given: string): Promise<string> {
  const { items } = await client.listRuns({ query: { limit: 1000 } });
  return runNamed(items, given).id;
}
