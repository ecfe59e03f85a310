import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { nothingHere, sendProblem } from './send-problem.ts';

/** Files whose names carry a hash of their content. */
const isForever = (path: string) => path.includes('/assets/');

/** A page of the panel, whose addresses the panel itself knows. */
const isPage = ({ method, url }: FastifyRequest) => (method === 'GET' || method === 'HEAD') && !/^\/(?:api|assets)(?:[/?]|$)/u.test(url);

/** Serves the built panel: its files, and its start page for every address that is not a file. */
export async function servePanel(app: FastifyInstance, panelDir: string): Promise<void> {
  if (!existsSync(join(panelDir, 'index.html'))) return serveAdvice(app);
  await app.register(fastifyStatic, {
    root: panelDir,
    cacheControl: false,
    setHeaders: (response, path) => {
      response.header('cache-control', isForever(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => (isPage(request) ? reply.sendFile('index.html') : sendProblem(reply, nothingHere())));
}

function serveAdvice(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    if (!isPage(request)) return sendProblem(reply, nothingHere());
    return reply.code(503).type('text/plain').send('The panel is not built: run "npm run build" in the checkout.\n');
  });
}
