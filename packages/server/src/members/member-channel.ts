import { type IncomingMessage, request, type RequestOptions } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { apiPrefix, type Member, Problem, ProblemError } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import { WebSocket } from 'ws';
import { type Asker, headersFor } from './carried-session.ts';
import { connectToMember, type MemberKeys, MemberSilent } from './connect-to-member.ts';
import { textOf } from './text-of.ts';

export type MemberChannelParts = {
  readonly serverId: string;
  /** The members as the pool was last seen. */
  readonly members: () => readonly Member[];
  readonly keys: () => MemberKeys;
  readonly clock: Clock;
  readonly log: Log;
  readonly times?: typeof usualTimes;
};

/** `patienceMs`: for a connection. `answerMs`: for the head of an answer, and between two pieces of it. */
const usualTimes = { patienceMs: 2000, silentMs: 30_000, answerMs: 45_000 };

/** A member cannot be asked: it is not there, or does not answer. */
export class MemberUnreachable extends Error {
  override readonly name = 'MemberUnreachable';
}

/** What is asked of a member: a path of the API without its prefix, and for whom. */
export type MemberQuestion = Asker & { readonly path: string; readonly accept?: string };

/** How this server asks the others of its pool, through their agents' doors, for the people who asked here. */
export class MemberChannel {
  readonly #parts: MemberChannelParts;
  readonly #times: typeof usualTimes;
  /** Those that cost somebody their time-out, until when, and since when they had been running. */
  readonly #silent = new Map<string, { readonly untilMs: number; readonly startedAt: string }>();

  constructor(parts: MemberChannelParts) {
    this.#parts = parts;
    this.#times = parts.times ?? usualTimes;
  }

  /** The other members that are there. */
  others(): Member[] {
    return this.#parts.members().filter(({ id, lostAt }) => id !== this.#parts.serverId && lostAt === null);
  }

  /** Whether it is this server itself. */
  isSelf(serverId: string): boolean {
    return serverId === this.#parts.serverId;
  }

  /** What a member answers; the caller reads it, or destroys it. @throws MemberUnreachable; ProblemError of the member */
  async ask(serverId: string, { path, accept = 'application/json', ...asker }: MemberQuestion): Promise<IncomingMessage> {
    const [socket, name] = await this.#connect(serverId);
    const headers = { ...headersFor(asker), accept };
    const answer = await this.#send(socket, name, { path: `${apiPrefix}${path}`, headers });
    if (answer.statusCode === 200) return answer;
    const found = Problem.safeParse(jsonOf(await textOf(answer).catch(() => '')));
    if (found.success) throw new ProblemError(found.data);
    throw new MemberUnreachable(`The server ${name} answered with status ${answer.statusCode ?? 0}.`);
  }

  /** Whether a member has an artifact. @throws MemberUnreachable */
  async hasArtifact(serverId: string, sha256: string): Promise<boolean> {
    const [socket, name] = await this.#connect(serverId);
    const answer = await this.#send(socket, name, { path: `/artifacts/${sha256}`, method: 'HEAD' });
    answer.resume();
    return answer.statusCode === 200;
  }

  /** The bytes of an artifact that a member has, from this one on. @throws MemberUnreachable */
  async readArtifact(serverId: string, sha256: string, from: number): Promise<IncomingMessage> {
    const [socket, name] = await this.#connect(serverId);
    const answer = await this.#send(socket, name, { path: `/artifacts/${sha256}`, headers: { range: `bytes=${from}-` } });
    if (answer.statusCode === 206) return answer;
    answer.destroy();
    throw new MemberUnreachable(`The server ${name} gave no artifact, but status ${answer.statusCode ?? 0}.`);
  }

  #send(
    socket: TLSSocket,
    name: string,
    { headers, ...rest }: Pick<RequestOptions, 'path' | 'method' | 'headers'>,
  ): Promise<IncomingMessage> {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const call = request({ ...rest, headers: { ...headers, host: 'member', connection: 'close' }, createConnection: () => socket });
      call.setTimeout(this.#times.answerMs, () => call.destroy(new Error('it fell silent')));
      call.on('response', resolve);
      call.on('error', (cause) => reject(new MemberUnreachable(`The server ${name} did not answer: ${cause.message}.`, { cause })));
      call.end();
    });
  }

  /** A WebSocket to a member, paused: whoever listens resumes it. @throws MemberUnreachable, also where the member refuses it */
  async openSocket(serverId: string, { path, ...asker }: MemberQuestion): Promise<WebSocket> {
    const [connection, name] = await this.#connect(serverId);
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://member${apiPrefix}${path}`, {
        headers: headersFor(asker),
        createConnection: () => connection,
        handshakeTimeout: this.#times.answerMs,
        perMessageDeflate: false,
      });
      socket.binaryType = 'nodebuffer';
      socket.once('open', () => {
        socket.pause();
        resolve(socket);
      });
      socket.on('error', (cause) => reject(new MemberUnreachable(`The server ${name} did not take it: ${cause.message}.`, { cause })));
    });
  }

  async #connect(serverId: string): Promise<[socket: TLSSocket, name: string]> {
    const { members, keys, clock, log } = this.#parts;
    const member = members().find(({ id }) => id === serverId);
    if (member === undefined) throw new MemberUnreachable(`The server ${serverId} is not in this pool.`);
    const { name, startedAt, lostAt } = member;
    if (lostAt !== null) throw new MemberUnreachable(`The server ${name} is not heard any more.`);
    const silent = this.#silent.get(serverId);
    if (silent?.startedAt === startedAt && clock.monotonicMs() < silent.untilMs)
      throw new MemberUnreachable(`The server ${name} did not answer a moment ago.`);
    try {
      const socket = await connectToMember(member, keys(), this.#times.patienceMs);
      this.#silent.delete(serverId);
      return [socket, name];
    } catch (cause) {
      // One that refuses costs nobody any time, and may be back in a second.
      if (cause instanceof MemberSilent) this.#silent.set(serverId, { untilMs: clock.monotonicMs() + this.#times.silentMs, startedAt });
      log.warn({ member: name, error: String(cause) }, 'another server of the pool could not be asked');
      throw new MemberUnreachable(`The server ${name} is not reached from this one.`, { cause });
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
