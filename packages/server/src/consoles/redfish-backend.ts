import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { consoleOfRedfish, type RedfishDocument } from '@muster/core';
import { type openConnection, pinnedHostKeys } from '@muster/ssh';
import type { KeptController } from '@muster/store';
import { nobodysKeys } from '../agents/agent-control.ts';
import { type ConsoleBackend, type ConsolePlace, noConsole } from './console-backend.ts';
import { controllerOf, controllerPurpose, ipmiBackend, type IpmiBackendParts } from './ipmi-backend.ts';
import { openShell } from './ssh-backend.ts';

export type RedfishBackendParts = IpmiBackendParts & { readonly connect: typeof openConnection };

const answerMs = 15_000;
const maxAnswerBytes = 1_000_000;
const connectSeconds = 15;

type Service = { readonly controller: KeptController; readonly password: string; readonly signal: AbortSignal };

/** The console that a Redfish service says its node has: by SSH to the controller, else by IPMI (DSP0268, SerialConsole). */
export function redfishBackend({ store, sealer, connect }: RedfishBackendParts): ConsoleBackend {
  return {
    open: async (place, events, signal) => {
      const controller = await controllerOf(store, place.node);
      const password = sealer.open(controllerPurpose(place.node.id), controller.sealedPassword);
      const found = await findConsole({ controller, password, signal });
      if ('reason' in found) throw noConsole(`${place.node.name}: the Redfish service at ${controller.address} ${found.reason}.`);
      if (found.by === 'ipmi') {
        const find = async () => ({ ...controller, port: found.port });
        return ipmiBackend({ store: { controllers: { find } }, sealer }).open(place, events, signal);
      }
      const connection = await logIn(place, controller, found.port, password, signal, connect);
      return openShell(connection, found.command, place, events);
    },
  };
}

async function logIn(
  { node }: ConsolePlace,
  { address, user, hostKeys }: KeptController,
  port: number,
  password: string,
  signal: AbortSignal,
  connect: typeof openConnection,
) {
  if (hostKeys.length === 0)
    throw noConsole(
      `${node.name}: its console leads through SSH to ${address}, port ${port}, whose host key is not known. Name it: --host-key.`,
    );
  const target = { name: node.name, address, port, user, password };
  const options = { hostKeys: pinnedHostKeys(hostKeys), keys: nobodysKeys, connectTimeoutSeconds: connectSeconds, signal };
  return connect(target, options).catch((error: unknown) => {
    throw noConsole(error instanceof Error ? error.message : String(error), error);
  });
}

/** Reads the first manager and the first system, one after the other, until one says what console there is. */
async function findConsole(service: Service) {
  const documents: RedfishDocument[] = [];
  for (const collection of ['Systems', 'Managers']) {
    const list = await read(service, `/redfish/v1/${collection}`);
    const path = list.Members?.[0]?.['@odata.id'];
    if (path !== undefined) documents.push(await read(service, path));
  }
  return consoleOfRedfish(documents);
}

async function read(service: Service, path: string): Promise<RedfishDocument> {
  const { nodeName, address } = service.controller;
  const about = `${nodeName}: the Redfish service at ${address}`;
  const { status, body } = await get(service, path).catch((error: unknown) => {
    throw noConsole(`${about} does not answer: ${error instanceof Error ? error.message : String(error)}.`, error);
  });
  if (status === 401 || status === 403)
    throw noConsole(`${about} refuses the sign-in: correct user and password of its controller (muster node controller set).`);
  if (status !== 200) throw noConsole(`${about} answered ${path} with the status ${status}.`);
  try {
    return JSON.parse(body) as RedfishDocument;
  } catch (error) {
    throw noConsole(`${about} answered ${path} with what is no JSON.`, error);
  }
}

async function get(service: Service, path: string): Promise<{ status: number; body: string }> {
  const { user } = service.controller;
  const socket = await connectTo(service);
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const authorization = `Basic ${Buffer.from(`${user}:${service.password}`).toString('base64')}`;
    const asked = request(
      { path, createConnection: () => socket, headers: { accept: 'application/json', authorization, host: service.controller.address } },
      (response) => void bodyOf(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject),
    );
    asked.on('error', reject);
    asked.setTimeout(answerMs, () => asked.destroy(new Error('no answer in time')));
    asked.end();
  }).finally(() => socket.destroy());
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maxAnswerBytes) throw new Error('the answer is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The certificate is checked before anything is sent: by its fingerprint where one is pinned, else as usual. */
async function connectTo({ controller, signal }: Service): Promise<TLSSocket> {
  const { address: host, port, certificateSha256: pinned } = controller;
  const socket = connectTls({ host, port, rejectUnauthorized: pinned === null, ...(isIP(host) === 0 ? { servername: host } : {}) });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) });
    const shown = socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase();
    if (pinned !== null && shown !== pinned) throw new Error(`it shows another certificate (SHA-256 ${shown}) than the one that was named`);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
