import { type ConsoleKind, type NodeController, problem } from '@muster/api';
import type { KeptController, Store } from '@muster/store';
import { controllerPurpose } from '../consoles/ipmi-backend.ts';
import type { Handlers } from '../http/handlers.ts';
import type { SecretSealer } from '../identity/secret-sealer.ts';
import { refuseNodes } from './refuse-nodes.ts';

export type ControllerHandlerParts = { readonly store: Pick<Store, 'nodes' | 'controllers'>; readonly sealer: SecretSealer };

type ControllerRoutes = 'getController' | 'setController' | 'removeController';

const usualPorts: Readonly<Record<ConsoleKind, number>> = { ipmi: 623, redfish: 443, ssh: 623 };

/** How the management controllers of nodes are reached. */
export function controllerHandlers({ store, sealer }: ControllerHandlerParts): Pick<Handlers, ControllerRoutes> {
  return {
    getController: async ({ params }) => {
      const controller = await store.controllers.find(params.node);
      if (controller === undefined)
        throw problem(
          'not-found',
          `No management controller of ${params.node} is known. Name it: muster node controller set ${params.node} --help`,
        );
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

/** All but its password. */
function shownController({
  nodeId,
  nodeName,
  kind,
  address,
  port,
  user,
  certificateSha256,
  hostKeys,
  since,
}: KeptController): NodeController {
  return { nodeId, nodeName, kind, address, port, user, certificateSha256, hostKeys, since };
}
