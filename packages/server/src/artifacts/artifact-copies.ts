import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ArtifactCreate, Member } from '@muster/api';
import type { Log } from '@muster/core';
import type { Store } from '@muster/store';
import type { MemberChannel } from '../members/member-channel.ts';
import type { ArtifactFiles } from './artifact-files.ts';

export type ArtifactCopiesParts = {
  readonly serverId: string;
  readonly store: { readonly artifacts: Pick<Store['artifacts'], 'list' | 'known'> };
  readonly files: Pick<ArtifactFiles, 'find' | 'begin' | 'append'>;
  readonly channel: Pick<MemberChannel, 'others' | 'hasArtifact' | 'readArtifact'>;
  readonly log: Log;
};

/** So many members have each artifact, where there are so many. */
const wantedCopies = 2;
const pageSize = 200;
/** A piece is made safe on the disk before the next is taken. */
const pieceBytes = 4_194_304;

/**
 * Keeps each artifact on two members. Each looks for itself: where fewer have one, the member fetches it whose turn it is by the hash, so that
 * they do not all begin at once. Two that do even so have a copy more, and nothing else: a file is what its hash says.
 */
export class ArtifactCopies {
  readonly #parts: ArtifactCopiesParts;
  readonly #fetching = new Map<string, Promise<void>>();
  readonly #answers = new Set<IncomingMessage>();
  #isStopped = false;
  /** What members were heard to have, for as long as they run. */
  readonly #heard = new Map<string, Set<string>>();

  constructor(parts: ArtifactCopiesParts) {
    this.#parts = parts;
  }

  /** One look at all of them. @throws StoreUnavailable */
  async tick(): Promise<void> {
    const others = this.#parts.channel.others();
    this.#forget(others);
    if (others.length === 0) return;
    for (let offset = 0; ; offset += pageSize) {
      const { items, total } = await this.#parts.store.artifacts.list({ limit: pageSize, offset });
      for (const artifact of items) await this.#look(artifact, others);
      if (offset + items.length >= total || items.length === 0) return;
    }
  }

  /** Ends what is being fetched: it goes on from there another time. */
  stop(): void {
    this.#isStopped = true;
    for (const answer of this.#answers) answer.destroy();
  }

  /** Fetches one that a node wants; false where no other member has it either. @throws StoreUnavailable */
  async fetches(sha256: string): Promise<boolean> {
    if (this.#fetching.has(sha256)) return true;
    const [artifact] = await this.#parts.store.artifacts.known([sha256]);
    if (artifact === undefined) return false;
    const [holder] = await this.#holders(artifact, this.#parts.channel.others());
    if (holder === undefined) return false;
    void this.#fetch(artifact, holder);
    return true;
  }

  async #look(artifact: ArtifactCreate, others: readonly Member[]): Promise<void> {
    const { files, serverId } = this.#parts;
    if ((await files.find(artifact.sha256)) !== undefined) return;
    const holders = await this.#holders(artifact, others);
    const [holder] = holders;
    if (holder === undefined || holders.length >= wantedCopies) return;
    const without = [serverId, ...others.filter((one) => !holders.includes(one)).map(({ id }) => id)];
    const turn = without.toSorted((a, b) => rank(artifact.sha256, a).localeCompare(rank(artifact.sha256, b)))[0];
    if (turn === serverId) await this.#fetch(artifact, holder);
  }

  async #holders({ sha256 }: ArtifactCreate, others: readonly Member[]): Promise<Member[]> {
    const holders: Member[] = [];
    for (const member of others) {
      const heard = this.#heard.get(runOf(member)) ?? new Set();
      this.#heard.set(runOf(member), heard);
      if (!heard.has(sha256) && (await this.#parts.channel.hasArtifact(member.id, sha256).catch(() => false))) heard.add(sha256);
      if (heard.has(sha256)) holders.push(member);
    }
    return holders;
  }

  /** One fetch of a file at a time; never rejects, and what came stays for the next. */
  #fetch(artifact: ArtifactCreate, holder: Member): Promise<void> {
    const { sha256, name } = artifact;
    const { log } = this.#parts;
    const running = this.#fetching.get(sha256);
    if (running !== undefined) return running;
    const work = this.#copy(artifact, holder)
      .then(() => log.info({ artifact: name, from: holder.name }, 'an artifact was copied from another server'))
      .catch((error: unknown) => {
        this.#heard.get(runOf(holder))?.delete(sha256);
        log.warn({ artifact: name, from: holder.name, error: String(error) }, 'an artifact could not be copied from another server');
      })
      .finally(() => this.#fetching.delete(sha256));
    this.#fetching.set(sha256, work);
    return work;
  }

  async #copy({ sha256, name, sizeBytes }: ArtifactCreate, { id }: Member): Promise<void> {
    const { files, channel } = this.#parts;
    const announced = { sha256, name, sizeBytes };
    let { receivedBytes, complete } = await files.begin(announced);
    if (complete || this.#isStopped) return;
    const answer = await channel.readArtifact(id, sha256, receivedBytes);
    this.#answers.add(answer);
    answer.once('close', () => this.#answers.delete(answer));
    const append = async (piece: Buffer) => {
      ({ receivedBytes, complete } = await files.append(announced, receivedBytes, piece));
    };
    let kept: Buffer[] = [];
    let keptBytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      kept.push(chunk);
      keptBytes += chunk.length;
      if (keptBytes < pieceBytes) continue;
      await append(Buffer.concat(kept));
      [kept, keptBytes] = [[], 0];
    }
    if (keptBytes > 0) await append(Buffer.concat(kept));
    if (!complete) throw new Error('the answer ended early');
  }

  #forget(others: readonly Member[]): void {
    const there = new Set(others.map(runOf));
    for (const run of this.#heard.keys()) if (!there.has(run)) this.#heard.delete(run);
  }
}

const runOf = ({ id, startedAt }: Member): string => `${id} ${startedAt}`;
const rank = (sha256: string, serverId: string): string => createHash('sha256').update(`${sha256} ${serverId}`).digest('hex');
