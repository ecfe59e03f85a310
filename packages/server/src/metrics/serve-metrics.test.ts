import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../http/problem-of.ts';
import { sendProblem } from '../http/send-problem.ts';
import { type MetricsAccess, serveMetrics } from './serve-metrics.ts';

const token = 'a-token-of-some-length';

async function ask(access: MetricsAccess, remoteAddress: string, headers: Record<string, string> = {}) {
  const app = fastify();
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOf(error)));
  const text = async () => ({ contentType: 'text/plain; version=0.0.4', body: 'muster_database_up 1\n' });
  serveMetrics(app, { apply: () => undefined, answered: () => undefined, text }, access);
  const answer = await app.inject({ url: '/metrics', remoteAddress, headers });
  await app.close();
  return answer;
}

describe('who may read the metrics', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('is this machine itself: %s', async (address) => {
    const answer = await ask({ token: undefined, isOpen: false }, address);
    expect([answer.statusCode, answer.body]).toEqual([200, 'muster_database_up 1\n']);
    expect(answer.headers['content-type']).toContain('version=0.0.4');
    expect((await ask({ token, isOpen: false }, address)).statusCode).toBe(200);
  });

  it.each(['10.0.0.5', '::ffff:10.0.0.5', '2001:db8::1'])('is nobody else without a token: %s', async (address) => {
    const answer = await ask({ token: undefined, isOpen: false }, address);
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('metrics.token');
    expect(answer.body).not.toContain('muster_');
  });

  it.each(['x-forwarded-for', 'forwarded', 'via'])('is not whoever comes through a proxy on this machine (%s)', async (header) => {
    expect((await ask({ token: undefined, isOpen: false }, '127.0.0.1', { [header]: '127.0.0.1' })).statusCode).toBe(403);
  });

  it('is who shows the token, from anywhere', async () => {
    const bearer = (text: string) => ask({ token, isOpen: false }, '10.0.0.5', { authorization: text });
    expect((await bearer(`Bearer ${token}`)).statusCode).toBe(200);
    expect((await bearer(`bearer ${token}`)).statusCode).toBe(200);
    for (const wrong of ['', token, 'Bearer ', `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`]) {
      expect((await bearer(wrong)).statusCode, wrong).toBe(401);
    }
  });

  it('is not who shows a wrong token, or one where none is set, not even on this machine', async () => {
    expect((await ask({ token, isOpen: false }, '127.0.0.1', { authorization: 'Bearer wrong' })).statusCode).toBe(401);
    expect((await ask({ token: undefined, isOpen: false }, '127.0.0.1', { authorization: 'Bearer x' })).statusCode).toBe(403);
  });

  it('is everyone on the Unix socket', async () => expect((await ask({ token: undefined, isOpen: true }, '')).statusCode).toBe(200));
});
