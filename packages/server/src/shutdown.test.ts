import { describe, expect, it } from 'vitest';
import { keptLog } from '../test/kept-log.ts';
import { Shutdown } from './shutdown.ts';

describe('the shutdown', () => {
  it('ends what was started in the opposite order, each once, also past one that fails', async () => {
    const { log, lines } = keptLog();
    const shutdown = new Shutdown(log);
    const ended: string[] = [];
    shutdown.add('database', () => void ended.push('database'));
    shutdown.add('door', () => Promise.reject(new Error('stuck')));
    shutdown.add('panel', async () => void ended.push('panel'));
    await Promise.all([shutdown.run(), shutdown.run()]);
    await shutdown.run();
    expect(ended).toEqual(['panel', 'database']);
    expect(lines).toMatchObject([{ level: 'error', fields: { what: 'door', error: 'Error: stuck' } }]);
  });
});
