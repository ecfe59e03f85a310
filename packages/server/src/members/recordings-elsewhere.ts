import { type ConsoleRecording, ConsoleRecordingList, ProblemError } from '@muster/api';
import type { Log } from '@muster/core';
import type { Asker } from './carried-session.ts';
import type { MemberChannel } from './member-channel.ts';
import { textOf } from './text-of.ts';

/** What the other members have recorded, and the names of those that could not be asked. */
export type OthersRecordings = { readonly items: ConsoleRecording[]; readonly unreached: string[] };

/** One of them, piece by piece, where one that was asked has it. */
export type OthersRecording = { readonly file?: AsyncIterable<Uint8Array>; readonly unreached: string[] };

/** The recordings of consoles that other members hold: told and given here. */
export class RecordingsElsewhere {
  readonly #channel: MemberChannel;
  readonly #log: Log;

  constructor(channel: MemberChannel, log: Log) {
    this.#channel = channel;
    this.#log = log;
  }

  /** Of all that are there, asked at once. */
  async list(asker: Asker): Promise<OthersRecordings> {
    const asked = this.#channel.others().map(async ({ id, name }): Promise<OthersRecordings> => {
      try {
        const answer = await this.#channel.ask(id, { ...asker, path: '/consoles/recordings' });
        return { items: ConsoleRecordingList.parse(JSON.parse(await textOf(answer))).items, unreached: [] };
      } catch (error) {
        this.#log.warn({ member: name, error: String(error) }, 'the recordings of another server are not known');
        return { items: [], unreached: [name] };
      }
    });
    const all = await Promise.all(asked);
    return { items: all.flatMap(({ items }) => items), unreached: all.flatMap(({ unreached }) => unreached) };
  }

  /** One of them, piece by piece, or the names of those that could not be asked for it. */
  async get(id: string, asker: Asker): Promise<OthersRecording> {
    const unreached: string[] = [];
    for (const { id: serverId, name } of this.#channel.others()) {
      try {
        return { unreached, file: await this.#channel.ask(serverId, { ...asker, path: `/consoles/recordings/${encodeURIComponent(id)}` }) };
      } catch (error) {
        if (!(error instanceof ProblemError && error.problem.code === 'not-found')) unreached.push(name);
      }
    }
    return { unreached };
  }
}
