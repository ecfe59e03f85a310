import { once } from 'node:events';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { CliError } from '../cli-error.ts';

const mostRedirects = 10;

/**
 * Asks for a URL and follows redirects; who we are is told to the first server only. By node:http and not by `fetch`, whose parser ends the
 * whole process (`assert(!this.paused)`, Node 24) when a server closes the connection at the end of a file that is written more slowly than
 * it comes. @throws CliError for a redirect that leads nowhere; Error when there is no answer
 */
export async function get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
  let [address, sent] = [new URL(url), headers];
  for (let count = 0; count <= mostRedirects; count += 1) {
    const answer = await ask(address, sent, signal);
    const location = answer.headers.location;
    if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)) return answer;
    answer.destroy();
    if (!URL.canParse(location, address.href)) throw new CliError(`${address.host} sends on to "${location}", which is no address.`);
    const next = new URL(location, address);
    if (next.protocol !== 'https:' && next.protocol !== address.protocol)
      throw new CliError(`${address.host} sends on from https to ${next.protocol}//${next.host}, which is not followed.`);
    if (next.origin !== address.origin)
      sent = Object.fromEntries(Object.entries(sent).filter(([name]) => !/^(?:authorization|x-amz-.*|host)$/iu.test(name)));
    address = next;
  }
  throw new CliError(`${new URL(url).host} sends on in circles.`);
}

async function ask(address: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
  const make = address.protocol === 'https:' ? secureRequest : plainRequest;
  // A connection for each: what was cut must not come back from a pool.
  const request = make(address, { headers, signal, agent: false });
  const answered = once(request, 'response');
  request.end();
  const [answer] = (await answered) as [IncomingMessage];
  // What happens to it after it was let go concerns nobody; who reads it is told by the reading.
  request.on('error', () => undefined);
  answer.on('error', () => undefined);
  return answer;
}
