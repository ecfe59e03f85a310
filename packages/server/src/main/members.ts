import type { MemberRequests } from '@muster/gateway';
import { Rounds } from '@muster/controllers';
import { ArtifactCopies } from '../artifacts/artifact-copies.ts';
import { makeMemberRequests } from '../http/member-requests.ts';
import type { MemberKeys } from '../members/connect-to-member.ts';
import { JournalsElsewhere } from '../members/journals-elsewhere.ts';
import { MemberChannel } from '../members/member-channel.ts';
import { RecordingsElsewhere } from '../members/recordings-elsewhere.ts';
import type { Shutdown } from '../shutdown.ts';
import type { Fleet, Others } from './fleet.ts';
import type { Foundation } from './foundation.ts';
import { makeJournals } from './journals.ts';

/** What this server has other members do for the people who ask here. */
export type Members = {
  readonly channel: MemberChannel;
  readonly journalsElsewhere: JournalsElsewhere;
  readonly recordingsElsewhere: RecordingsElsewhere;
  /** Begins to keep artifacts on two members; what was started is handed to `shutdown`. */
  startCopies(shutdown: Shutdown): void;
};

/** How often it is looked whether each artifact is on two members. */
const copiesMs = 15_000;

/** What of it the agents' door needs is put into `others`. */
export function makeMembers(foundation: Foundation, { pool }: Fleet, others: Others): Members {
  const { authorities, store, clock, log, serverId, artifactFiles: files } = foundation;
  const keys = (): MemberKeys => ({ ...authorities.identityOf(authorities.shown()), roots: authorities.trusted() });
  const channel = new MemberChannel({ serverId, members: () => pool.members, keys, clock, log });
  const copies = new ArtifactCopies({ serverId, store, files, channel, log });
  others.copies = copies;
  const failure = 'it could not be looked whether artifacts are on two servers';
  const rounds = new Rounds({ failure, everyMs: copiesMs, log, round: () => copies.tick() });
  return {
    channel,
    journalsElsewhere: new JournalsElsewhere({ channel, store }),
    recordingsElsewhere: new RecordingsElsewhere(channel, log),
    startCopies: (shutdown) => {
      rounds.start();
      shutdown.add('copies of artifacts', async () => {
        copies.stop();
        await rounds.stop();
      });
    },
  };
}

type Answering = Parameters<typeof makeMemberRequests>[0] & {
  readonly foundation: Foundation;
  readonly fleet: Fleet;
  readonly shutdown: Shutdown;
};

/** What this server does for people who asked other members. `handlers` must ask no other; consoles and journals are only those it has itself. */
export async function makeMembersAnswers({ foundation, fleet, shutdown, ...parts }: Answering): Promise<MemberRequests> {
  const { hub, store, log } = parts.consoles;
  const journals = { ...makeJournals(foundation, fleet), streams: parts.journals.streams };
  const requests = await makeMemberRequests({ ...parts, consoles: { hub, store, log }, journals });
  shutdown.add('answers to other servers', () => requests.close());
  return requests;
}
