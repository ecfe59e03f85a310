import { createReadStream } from 'node:fs';
import { type ConsoleKind, type Node, type NodeController, problem } from '@muster/api';
import { type ConsoleChoice, consoleKindOf } from '@muster/core';
import type { KeptController, Store } from '@muster/store';
import { controllerPurpose } from '../consoles/ipmi-backend.ts';
import type { Recorder } from '../consoles/recorder.ts';
import type { Handlers } from '../http/handlers.ts';
import type { SecretSealer } from '../identity/secret-sealer.ts';
import { refuseNodes } from './refuse-nodes.ts';
import { required } from './required.ts';

export type ConsoleHandlerParts = {
  readonly store: Pick<Store, 'nodes' | 'controllers' | 'agentControl' | 'consoles'>;
  readonly sealer: SecretSealer;
  readonly execEnabled: boolean;
  readonly recorder: Recorder;
};

type ConsoleRoutes =
  | 'getConsole'
  | 'listConsoles'
  | 'listRecordings'
  | 'getRecording'
  | 'getController'
  | 'setController'
  | 'removeController';

const usualPorts: Readonly<Record<ConsoleKind, number>> = { ipmi: 623, redfish: 443, ssh: 623 };

export function consoleHandlers(parts: ConsoleHandlerParts): Pick<Handlers, ConsoleRoutes> {
  const { store, sealer, recorder } = parts;
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
      if (path === undefined) throw problem('not-found', `There is no recording ${params.id} on this server.`);
      setFile('application/x-asciicast', params.id);
      return createReadStream(path);
    },
    getController: async ({ params }) => {
      const controller = await store.controllers.find(params.node);
      if (controller === undefined) throw problem('not-found', `No management controller of ${params.node} is known.`);
      return shownController(controller);
    },
    setController: async ({ params, body: { password, port, ...given }, session }) => {
      const node = await store.nodes.get(params.node);
      refuseNodes(session, 'change', [node]);
      const before = await store.controllers.find(node.id);
      const sealedPassword = password === undefined ? before?.sealedPassword : sealer.seal(controllerPurpose(node.id), password);
      if (sealedPassword === undefined)
        throw problem('invalid-request', `The controller of ${node.name} needs a password: none is known yet.`, [
          { path: 'password', message: 'is missing' },
        ]);
      return shownController(await store.controllers.set(node.id, { ...given, port: port ?? usualPorts[given.kind], sealedPassword }));
    },
    removeController: async ({ params, session }) => {
      const node = await store.nodes.get(params.node);
      refuseNodes(session, 'change', [node]);
      await store.controllers.remove(node.id);
      return undefined;
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

function shownController({ sealedPassword: _, ...controller }: KeptController): NodeController {
  return controller;
}

/** A recording may be of a node that is gone: nobody can say of which groups it was. */
function refusePart(groups: readonly string[] | null): void {
  if (groups !== null) throw problem('not-allowed', 'Recordings are for administrators of all nodes.');
}
