import type { EnrolmentAnswer, JoinTokenContent } from '@muster/api/agent';
import { AgentError, messageOf } from '../agent-error.ts';
import { parseServerAddress, type ServerAddress } from '../connection/server-address.ts';
import { checkChain, fingerprintOf, nodeIdOf, readCertificates } from '../identity/certificate-chain.ts';
import { durableFiles, type DurableFiles } from '../state/durable-files.ts';
import type { Identity } from '../state/identity.ts';
import { IdentityStore, type KeyAndCsr, type PendingIdentity } from '../state/identity-store.ts';
import { writeNodeRecord } from '../state/node-record.ts';
import { TrustStore } from '../state/trust-store.ts';
import { postEnrolment } from './post-enrolment.ts';
import { proveAuthority } from './prove-authority.ts';

export type EnrolOptions = {
  readonly token: JoinTokenContent;
  readonly stateDir: string;
  /** `host:port` to use instead of the token's. */
  readonly servers?: readonly string[];
  /** Enrols again although the node has an identity. */
  readonly force: boolean;
  readonly makeKeyAndCsr: (parts: { nodeName: string }) => Promise<KeyAndCsr>;
  readonly files?: DurableFiles;
};

export type EnrolOutcome = { readonly identity: Identity; readonly already: boolean };

/**
 * Gives this node its identity. Can be repeated after a crash or a lost answer at any step: the key is on the disk before
 * anyone hears of it, and a repetition sends the same request for the same key. Throws an `AgentError`.
 */
export async function enrol(options: EnrolOptions): Promise<EnrolOutcome> {
  const { token, stateDir, files = durableFiles } = options;
  const store = new IdentityStore(stateDir, files);
  const current = await store.current();
  if (current !== undefined && !options.force) return { identity: current, already: true };

  const servers = options.servers ?? token.servers;
  const { server, rootPem } = await findServer(servers, token.caFingerprint);
  const pending = await pendingFor(store, options);
  const request = { name: token.name, secret: token.secret, csrPem: pending.csrPem };
  const answer = await postEnrolment(server, rootPem, request);
  checkAnswer(answer, token, pending);

  const identity = await store.complete(pending.generation, answer.chainPem, rootPem);
  const known = answer.servers.filter((one) => parseServerAddress(one) !== undefined);
  await writeNodeRecord(stateDir, { nodeId: answer.nodeId, nodeName: answer.nodeName, servers: known.length > 0 ? known : servers }, files);
  await store.activate(pending.generation);
  await new TrustStore(stateDir, files).forget();
  await store.prune();
  return { identity, already: false };
}

/** The first server that answers and proves to be of the token's authority. One of another authority ends the attempt. */
async function findServer(servers: readonly string[], caFingerprint: string): Promise<{ server: ServerAddress; rootPem: string }> {
  const failures: string[] = [];
  for (const text of servers) {
    const server = parseServerAddress(text);
    if (server === undefined) throw new AgentError('usage', `${JSON.stringify(text.slice(0, 100))} is not the host:port of a server`);
    try {
      return { server, rootPem: await proveAuthority(server, caFingerprint) };
    } catch (error) {
      if (!(error instanceof AgentError) || error.code !== 'unreachable') throw error;
      failures.push(messageOf(error));
    }
  }
  throw new AgentError(
    'unreachable',
    `No server answers. ${failures.join('; ')}. Check the address, the network and the firewall, then repeat the command.`,
  );
}

/** A request that was begun for the same name goes on with its key. */
async function pendingFor(store: IdentityStore, { token, makeKeyAndCsr }: EnrolOptions): Promise<PendingIdentity> {
  const pending = await store.pending();
  if (pending?.nodeName === token.name) return pending;
  return store.begin(token.name, await makeKeyAndCsr({ nodeName: token.name }));
}

function checkAnswer(answer: EnrolmentAnswer, token: JoinTokenContent, pending: PendingIdentity): void {
  const root = readCertificates(answer.rootPem)[0];
  if (root === undefined || fingerprintOf(root.raw) !== token.caFingerprint) {
    throw new AgentError('untrusted', 'The server answered with another root than the join token names; nothing was kept of it');
  }
  const leaf = checkChain({ keyPem: pending.keyPem, chainPem: answer.chainPem, rootPem: answer.rootPem });
  if (answer.nodeName !== token.name || nodeIdOf(leaf) !== answer.nodeId) {
    throw new AgentError('failed', `The server answered with a certificate for another node than ${token.name}`);
  }
}
