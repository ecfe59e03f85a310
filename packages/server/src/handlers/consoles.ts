import { createReadStream } from 'node:fs';
import { type Node, problem } from '@muster/api';
import { type ConsoleChoice, consoleKindOf } from '@muster/core';
import type { Store } from '@muster/store';
import type { Recorder } from '../consoles/recorder.ts';
import type { Handlers } from '../http/handlers.ts';
import { refuseNodes } from './refuse-nodes.ts';
import { required } from './required.ts';

export type ConsoleHandlerParts = {
  readonly store: Pick<Store, 'nodes' | 'controllers' | 'agentControl' | 'consoles'>;
  readonly execEnabled: boolean;
  readonly recorder: Recorder;
};

type ConsoleRoutes = 'getConsole' | 'listConsoles' | 'listRecordings' | 'getRecording';

export function consoleHandlers(parts: ConsoleHandlerParts): Pick<Handlers, ConsoleRoutes> {
  const { store, recorder } = parts;
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
    listRecordings: async ({ session }) => {
      refusePart(required(session).groups);
      return { items: await recorder.list() };
    },
    getRecording: async ({ params, session, setFile }) => {
      refusePart(required(session).groups);
      const path = await recorder.path(params.id);
      if (path === undefined)
        throw problem('not-found', `There is no recording ${params.id} on this server. Those that are: muster console --recordings.`);
      setFile('application/x-asciicast', params.id);
      return createReadStream(path);
    },
  };
}

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
