import type { IncomingMessage } from 'node:http';
import { JournalEnded, JournalLines, type Node, problem, type Session } from '@muster/api';
import type { JournalViewer, JournalWish, OpenJournal } from '@muster/gateway';
import type { Store } from '@muster/store';
import { type MemberChannel, MemberUnreachable } from './member-channel.ts';
import { textOf } from './text-of.ts';

export type JournalsElsewhereParts = {
  readonly channel: MemberChannel;
  readonly store: { readonly presence: Pick<Store['presence'], 'serverOf'> };
};

/** The journals of nodes whose agents are connected to other members: read there, for whoever asked here. */
export class JournalsElsewhere {
  readonly #parts: JournalsElsewhereParts;

  constructor(parts: JournalsElsewhereParts) {
    this.#parts = parts;
  }

  /**
   * Opens one on the member that has the node's agent; undefined where no other has it.
   * @throws ProblemError of that member, or `node-unavailable` where it cannot be asked
   */
  async open(
    node: Pick<Node, 'id' | 'name'>,
    { unit, lines, follow }: Omit<JournalWish, 'nodeId'>,
    session: Session,
    viewer: JournalViewer,
  ): Promise<OpenJournal | undefined> {
    const { channel, store } = this.#parts;
    const serverId = await store.presence.serverOf(node.id);
    if (serverId === undefined || channel.isSelf(serverId)) return undefined;
    const path = `/nodes/${encodeURIComponent(node.name)}/services/${encodeURIComponent(unit)}/journal?lines=${lines}`;
    const accept = follow ? 'text/event-stream' : 'application/json';
    try {
      const answer = await channel.ask(serverId, { path, accept, session, from: 'member' });
      return follow ? followed(answer, viewer) : await readWhole(answer, viewer);
    } catch (error) {
      if (!(error instanceof MemberUnreachable)) throw error;
      throw problem(
        'node-unavailable',
        `The agent of ${node.name} is connected to another server of the pool. ${error.message} On the host: journalctl -u ${unit}`,
        undefined,
        { cause: error },
      );
    }
  }
}

async function readWhole(answer: IncomingMessage, { onLines, onEnd }: JournalViewer): Promise<OpenJournal> {
  const text = await textOf(answer).catch((cause: unknown) => {
    throw new MemberUnreachable('Its answer broke off.', { cause });
  });
  const { lines, dropped } = JournalLines.parse(JSON.parse(text));
  onLines(lines, dropped);
  onEnd('');
  return { close: () => undefined };
}

/** What the other member's stream says, event by event (WHATWG HTML, 9.2), as `JournalStreams` writes them. */
function followed(answer: IncomingMessage, { onLines, onEnd }: JournalViewer): OpenJournal {
  let rest = '';
  let isOver = false;
  const end = (reason: string) => {
    if (isOver) return;
    isOver = true;
    answer.destroy();
    onEnd(reason);
  };
  const take = (event: string) => {
    const data = /^data: (.*)$/mu.exec(event)?.[1];
    if (isOver || data === undefined) return;
    if (/^event: end$/mu.test(event)) return end(JournalEnded.parse(JSON.parse(data)).reason);
    const { lines, dropped } = JournalLines.parse(JSON.parse(data));
    onLines(lines, dropped);
  };
  answer.setEncoding('utf8').on('data', (text: string) => {
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    try {
      for (const event of events) take(event);
    } catch {
      end('The server that has the connection of the agent said what is not understood.');
    }
  });
  answer.on('error', () => undefined);
  answer.on('close', () => end('The connection to the server that has the agent ended.'));
  return {
    close: () => {
      isOver = true;
      answer.destroy();
    },
  };
}
