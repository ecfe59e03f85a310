import { problem, routes, type Session } from '@muster/api';
import { type Store, StoreRefused, StoreUnavailable } from '@muster/store';
import { FakeClock, KeptLog } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { Auditor } from './auditor.ts';
import { LateLines } from './late-lines.ts';

const session = { kind: 'local', id: null, email: null, name: 'root', role: 'administrator' } as unknown as Session;

/** A database that is away until somebody says otherwise. */
class FakeAudit {
  away = true;
  readonly lines: unknown[] = [];
  readonly #write = async (...parts: unknown[]) => {
    if (this.away) throw new StoreUnavailable('away');
    this.lines.push(parts);
    return 1;
  };
  readonly begin = this.#write;
  readonly end = this.#write;
  readonly record = this.#write;
}

function openLine(name: 'promoteMember' | 'drainMember') {
  const audit = new FakeAudit();
  const log = new KeptLog();
  const auditor = new Auditor({ audit } as unknown as Store, new FakeClock(), log);
  const line = auditor.open(name, routes[name], 'local', { id: 'm2' });
  line?.by(session);
  return { audit, log, line: line! };
}

const within = { timeout: 30_000, interval: 50 };

describe('a line of the audit log while the database is away', () => {
  it('does not hold up what brings it back, and is written when it is back', async () => {
    const { audit, log, line } = openLine('promoteMember');
    await line.begin();
    await line.done(202, {});
    expect(log.messages('warn')).toEqual(['done while the database is away; its line in the audit log is written when that is back']);
    expect(log.lines[0]?.fields).toMatchObject({ what: 'promoteMember', by: 'root', target: 'm2', status: 202 });
    expect(audit.lines).toEqual([]);
    audit.away = false;
    await expect
      .poll(() => audit.lines, within)
      .toEqual([[expect.objectContaining({ what: 'promoteMember' }), expect.objectContaining({ status: 202 })]]);
  });

  it('tells of what was refused too', async () => {
    const { audit, line } = openLine('promoteMember');
    await line.begin();
    await line.refused(problem('would-lose-data', 'It lacks 9 bytes.'));
    audit.away = false;
    await expect.poll(() => audit.lines, within).toEqual([[expect.anything(), expect.objectContaining({ code: 'would-lose-data' })]]);
  });

  it('is kept where the database went away between its two halves', async () => {
    const { audit, line } = openLine('promoteMember');
    audit.away = false;
    await line.begin();
    audit.away = true;
    await line.done(202, {});
    audit.away = false;
    await expect.poll(() => audit.lines, within).toEqual([[expect.anything()], [1, expect.objectContaining({ status: 202 })]]);
  });

  it('keeps everything else from being done', async () => {
    const { line } = openLine('drainMember');
    await expect(line.begin()).rejects.toThrow(StoreUnavailable);
  });

  it('is told of in the log where it can never be written', async () => {
    const log = new KeptLog();
    new LateLines(log, 1).add({}, () => Promise.reject(new StoreRefused('bad-url', 'never')));
    await expect.poll(() => log.messages('error'), within).toEqual(['a line of the audit log could not be written']);
  });
});
