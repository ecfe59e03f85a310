import type { FastifyInstance, FastifyReply } from 'fastify';
import { nothingHere } from './send-problem.ts';

/** What others need to check certificates of this installation. Nothing of it is secret. */
export type AuthorityFiles = {
  /** Every root that is trusted, PEM, the one in use first. */
  rootsPem(): string;
  /** Each intermediate with its root, PEM. */
  chainPem(): string;
  /** The revocation lists of all of them, PEM. @throws StoreUnavailable */
  crlPem(): Promise<string>;
  /** The revocation list by an authority's number, or by the one in use; undefined for one that is not in force. @throws StoreUnavailable */
  crlDer(generation?: number): Promise<Buffer | undefined>;
};

const pem = 'application/x-pem-file';
const pkixCrl = 'application/pkix-crl';

/** Serves the authority's certificates and revocation lists, to anybody: whoever checks a certificate has no session. */
export function serveAuthority(app: FastifyInstance, files: AuthorityFiles): void {
  const send = (reply: FastifyReply, type: string, body: string | Buffer) =>
    reply.type(type).header('cache-control', 'no-cache').send(body);
  app.get('/ca/root.pem', async (_request, reply) => send(reply, pem, files.rootsPem()));
  app.get('/ca/chain.pem', async (_request, reply) => send(reply, pem, files.chainPem()));
  app.get('/ca/crl.pem', async (_request, reply) => send(reply, pem, await files.crlPem()));
  app.get('/ca/crl.der', async (_request, reply) => send(reply, pkixCrl, (await files.crlDer()) ?? ''));
  app.get<{ Params: { generation: string } }>('/ca/:generation/crl.der', async (request, reply) => {
    const { generation } = request.params;
    const der = /^\d{1,9}$/u.test(generation) ? await files.crlDer(Number(generation)) : undefined;
    if (der === undefined) throw nothingHere();
    return send(reply, pkixCrl, der);
  });
}
