import { CliError } from '../cli-error.ts';
import { serverFetch } from './server-fetch.ts';
import type { Way } from './way.ts';

/** What a server serves to everyone as a plain text, such as `/ca/root.pem`. @throws CliError */
export async function readText(way: Way, path: string): Promise<string> {
  const answer = await serverFetch(async () => way)(path, { method: 'GET', headers: {} });
  if (answer.status !== 200) throw new CliError(`The server has no ${path} (status ${answer.status}).`);
  return answer.text();
}
