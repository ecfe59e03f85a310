import { checkServerIdentity, connect } from 'node:tls';
import { authorityHint, maxMessageBytes, serverIdentity } from '@muster/api/agent';
import WebSocket from 'ws';
import type { Identity } from '../state/identity.ts';
import { parseServerAddress } from './server-address.ts';

/** A socket on its way to a server, and how far it is: whether its host took the connection, and whether TLS stands. */
export type OpenedSocket = { readonly socket: WebSocket; readonly isConnected: () => boolean; readonly isSecured: () => boolean };

/**
 * Opens the agents' door of a server, with this identity and trusting these roots alone. The server is checked by the name all
 * servers share, since a node may reach it by any address; the name asked for says which authority this node's certificate is of.
 */
export function openSocket(server: string, identity: Identity, rootsPem: string): OpenedSocket {
  const address = parseServerAddress(server);
  let connected = false;
  let secured = false;
  const socket = new WebSocket(`wss://${server}/agent`, {
    createConnection: () => {
      const stream = connect({
        ...address,
        servername: authorityHint(identity.rootFingerprint),
        checkServerIdentity: (_asked, certificate) => checkServerIdentity(serverIdentity, certificate),
        ca: rootsPem,
        cert: identity.chainPem,
        key: identity.keyPem,
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['http/1.1'],
      });
      stream.once('connect', () => {
        connected = true;
      });
      stream.once('secureConnect', () => {
        secured = true;
      });
      return stream;
    },
    // Small messages gain nothing from compression, and each connection would keep its windows in memory.
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: maxMessageBytes,
  });
  return { socket, isConnected: () => connected, isSecured: () => secured };
}
