import { createReadStream } from 'node:fs';
import { type Node, problem } from '@muster/api';
import { type ConsoleChoice, consoleKindOf } from '@muster/core';
import type { Store } from '@muster/store';
import type { Recorder } from '../consoles/recorder.ts';
import type { Handlers } from '../http/handlers.ts';
import type { RecordingsElsewhere } from '../members/recordings-elsewhere.ts';
import { refuseNodes } from './refuse-nodes.ts';
import { required } from './required.ts';

export type ConsoleHandlerParts = {
  readonly store: Pick<Store, 'nodes' | 'controllers' | 'agentControl' | 'consoles'>;
  readonly execEnabled: boolean;
  readonly recorder: Recorder;
  /** What other servers have recorded; undefined where those are not asked. */
  readonly recordingsElsewhere?: Pick<RecordingsElsewhere, 'list' | 'get'>;
};

type ConsoleRoutes = 'getConsole' | 'listConsoles' | 'listRecordings' | 'getRecording';

export function consoleHandlers(parts: ConsoleHandlerParts): Pick<Handlers, ConsoleRoutes> {
  const { store, recorder, recordingsElsewhere } = parts;
  return {
    getConsole: async ({ params, session }) => {
      const node = await store.nodes.get(params.node);
      refuseNodes(session, 'console', [node]);
      const choice = await chooseConsole(parts, node);
      const found = 'kind' in choice ? { kind: choice.kind, reason: null } : { kind: null, reason: choice.reason };
      return { nodeName: node.name, ...found, open: (await store.consoles.find(node.id)) ?? null };
    },
    listConsoles: async ({ session }) => {
      const { groups } = required(session);
      const open = await store.consoles.list();
      if (groups === null) return { items: open };
      const nodes = await Promise.all(open.map(({ nodeId }) => store.nodes.get(nodeId)));
      return { items: open.filter((_, at) => nodes[at]?.groups.some((group) => groups.includes(group)) === true) };
    },
    listRecordings: async ({ session, address }) => {
      refusePart(required(session).groups);
      const [own, others] = await Promise.all([
        recorder.list(),
        recordingsElsewhere?.list({ session: required(session), from: address }) ?? { items: [], unreached: [] },
      ]);
      const items = [...own, ...others.items].toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
      return { items, unreached: others.unreached };
    },
    getRecording: async ({ params, session, address, setFile }) => {
      refusePart(required(session).groups);
      const path = await recorder.path(params.id);
      const asker = { session: required(session), from: address };
      const elsewhere = path === undefined ? await recordingsElsewhere?.get(params.id, asker) : undefined;
      const file = path === undefined ? elsewhere?.file : createReadStream(path);
      if (file === undefined) throw problem('not-found', noRecordingText(params.id, elsewhere?.unreached ?? []));
      setFile('application/x-asciicast', params.id);
      return file;
    },
  };
}

const noRecordingText = (id: string, unreached: readonly string[]): string =>
  unreached.length === 0
    ? `There is no recording ${id}. Those that are: muster console --recordings.`
    : `There is no recording ${id} on the servers that are reached. It may be on ${unreached.join(', ')}, which did not answer: try again when it is back.`;

/** How a node's console is reached now. @throws the errors of the store */
export async function chooseConsole(
  { store, execEnabled }: Pick<ConsoleHandlerParts, 'store' | 'execEnabled'>,
  { id, name }: Node,
): Promise<ConsoleChoice> {
  const [controller, ssh] = await Promise.all([store.controllers.find(id), store.agentControl.get(id)]);
  return consoleKindOf({ nodeName: name, controller, ssh, execEnabled });
}

/** A recording may be of a node that is gone: nobody can say of which groups it was. */
function refusePart(groups: readonly string[] | null): void {
  if (groups !== null) throw problem('not-allowed', 'Recordings are for administrators of all nodes.');
}
