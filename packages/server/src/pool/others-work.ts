import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { apiPrefix, type Member, routes } from '@muster/api';

const patienceMs = 2000;

/**
 * Whether any of these servers says that its database takes writes. `roots`: the certificates that theirs are checked against, PEM. Asks all at
 * once, for two seconds at most; never rejects.
 */
export async function othersWork(members: readonly Pick<Member, 'panelUrl'>[], roots: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(members.map(({ panelUrl }) => isReady(panelUrl, roots)));
  return answers.includes(true);
}

function isReady(panelUrl: string, roots: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const url = new URL(`${apiPrefix}${routes.ready.path}`, panelUrl);
      const options = { timeout: patienceMs, signal: AbortSignal.timeout(patienceMs), agent: false as const };
      const call = url.protocol === 'https:' ? tlsRequest(url, { ...options, ca: [...roots] }) : plainRequest(url, options);
      call.on('response', (response) => {
        response.resume();
        resolve(response.statusCode === routes.ready.status);
      });
      call.on('error', () => resolve(false));
      call.end();
    } catch {
      // No URL.
      resolve(false);
    }
  });
}
