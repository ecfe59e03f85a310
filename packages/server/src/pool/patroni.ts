import { readFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { z } from 'zod';

/** A machine with a copy of the database, as Patroni knows it. */
export type PatroniMember = {
  readonly name: string;
  /** The host of its database. */
  readonly host: string;
  readonly role: 'leader' | 'synchronous' | 'replica';
  readonly state: string;
  /** What it lacks up to the last position of a leader that Patroni knows, bytes; null where it is not known. */
  readonly lagBytes: number | null;
  /** Whether its own Patroni answered just now. */
  readonly isThere: boolean;
};

/** An answer of Patroni to a wish: `done`, or not done for its reason. `unknown`: what was asked may still take place. */
export type PatroniAnswer = { readonly outcome: 'done' | 'refused' | 'unknown'; readonly said: string };

/** What is asked of Patroni. Nobody else changes which copy is the primary. */
export type PatroniPort = {
  /** All copies. @throws PatroniSilent when none of them answers in time */
  members(): Promise<PatroniMember[]>;
  /** Lets the leader hand over to a synchronous copy, and waits some seconds for that. Never rejects. */
  switchOver(from: string, to: string): Promise<PatroniAnswer>;
  /** Makes a copy the leader, whoever was it, also one that lacks acknowledged changes. Never rejects. */
  failOver(to: string): Promise<PatroniAnswer>;
  /** For how many copies each write waits. @throws PatroniSilent */
  synchronousCount(): Promise<number>;
  /** @throws PatroniSilent */
  setSynchronousCount(count: number): Promise<void>;
};

/** None of the Patronis of the pool answers. */
export class PatroniSilent extends Error {
  override readonly name = 'PatroniSilent';
}

export type PatroniAccess = {
  readonly urls: readonly string[];
  readonly user: string;
  readonly passwordFile: string;
  readonly caFile?: string | undefined;
};

/** How long an answer is waited for. Patroni itself waits for the end of a change for up to 20 seconds. */
const usualTimes = { askMs: 4000, changeMs: 30_000 };

const Members = z.object({
  members: z.array(
    z.object({
      name: z.string(),
      role: z.string(),
      state: z.string().default('unknown'),
      host: z.string().default(''),
      lag: z.union([z.number(), z.string()]).optional(),
      api_url: z.string().nullish(),
    }),
  ),
});
const Settings = z.object({ synchronous_node_count: z.number().int().positive().default(1) });

type Reply = { readonly status: number; readonly text: string };

/** Asks Patroni over HTTPS. Password and authority are read anew for each change: they may be renewed while the server runs. */
export function patroniOf({ urls, user, passwordFile, caFile }: PatroniAccess, { askMs, changeMs } = usualTimes): PatroniPort {
  const ask = async (url: string, method: string, body: unknown, timeoutMs: number): Promise<Reply> => {
    const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
    const auth = method === 'GET' ? undefined : `${user}:${(await readFile(passwordFile, 'utf8')).trim()}`;
    return send(url, { method, ca, auth, signal: AbortSignal.timeout(timeoutMs) }, body);
  };
  const look = async (path: string): Promise<(Reply | undefined)[]> =>
    Promise.all(urls.map((url) => ask(url + path, 'GET', undefined, askMs).catch(() => undefined)));

  const members = async (): Promise<PatroniMember[]> => {
    const replies = await look('/cluster');
    const found = firstOf(replies, Members);
    const there = urls.filter((_, at) => replies[at] !== undefined).map(originOf);
    return found.members.map(({ name, role, state, host, lag, api_url: api }) => ({
      name,
      host,
      role: roleOf(role),
      state,
      lagBytes: typeof lag === 'number' ? lag : null,
      isThere: api !== null && api !== undefined && there.includes(originOf(api)),
    }));
  };

  /** Asked of the one that is to lead first: it is the one that must be there. */
  const change = async (to: string, path: string, body: unknown): Promise<PatroniAnswer> => {
    const host = (await members().catch(() => [])).find(({ name }) => name === to)?.host;
    const first = urls.filter((url) => hostIn(url) === host);
    const [url = ''] = [...first, ...urls];
    try {
      return answerOf(await ask(url + path, 'POST', body, changeMs), to);
    } catch (error) {
      return { outcome: 'unknown', said: `Patroni at ${url} did not answer (${error instanceof Error ? error.message : String(error)})` };
    }
  };

  return {
    members,
    switchOver: (leader, candidate) => change(candidate, '/switchover', { leader, candidate }),
    failOver: (candidate) => change(candidate, '/failover', { candidate }),
    synchronousCount: async () => firstOf(await look('/config'), Settings).synchronous_node_count,
    setSynchronousCount: async (count) => {
      for (const url of urls) {
        const reply = await ask(`${url}/config`, 'PATCH', { synchronous_node_count: count }, askMs).catch(() => undefined);
        if (reply?.status === 200) return;
      }
      throw new PatroniSilent('No Patroni of the pool took the setting of how many copies each write waits for.');
    },
  };
}

function send(url: string, options: RequestOptions, body: unknown): Promise<Reply> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, headers: body === undefined ? {} : { 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part.slice(0, limit - text.length)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text })).on('error', reject);
    });
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** What is taken of an answer, characters. */
const limit = 1_000_000;

function firstOf<S extends z.ZodType>(replies: readonly (Reply | undefined)[], schema: S): z.output<S> {
  for (const reply of replies) {
    const parsed = reply?.status === 200 ? schema.safeParse(jsonOf(reply.text)) : undefined;
    if (parsed?.success === true) return parsed.data;
  }
  throw new PatroniSilent(
    'No Patroni of the pool says how the copies of the database are: none answers, or etcd has no quorum. Look on a member: systemctl status muster-database muster-etcd.',
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const originOf = (url: string): string => URL.parse(url)?.origin ?? '';
const hostIn = (url: string): string => (URL.parse(url)?.hostname ?? '').replace(/^\[(.*)\]$/u, '$1');

function roleOf(role: string): PatroniMember['role'] {
  if (role === 'leader' || role === 'standby_leader') return 'leader';
  return role === 'sync_standby' ? 'synchronous' : 'replica';
}

/** Patroni answers 200 also where another one than was asked for leads in the end; with 503 it may only not know yet. */
function answerOf({ status, text }: Reply, to: string): PatroniAnswer {
  const said = text.trim().slice(0, 300);
  if (status === 200) return { outcome: said.includes(`over to "${to}"`) && !said.includes('instead of') ? 'done' : 'refused', said };
  if (status === 401 || status === 403) return { outcome: 'refused', said: 'Patroni does not take the password of this server' };
  return { outcome: status >= 500 && /unknown|^$/u.test(said) ? 'unknown' : 'refused', said: said === '' ? `status ${status}` : said };
}
