import { ServicesReport } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { fakeLog } from '../../test/fake-log.ts';
import type { RunProgram } from '../run-program.ts';
import { ServiceWatcher } from './service-watcher.ts';
import { WatchList } from './watch-list.ts';

/** systemd as far as the watcher sees it: which units are loaded, and what they do. */
function fakeSystemd() {
  const systemd = { booted: true, hangs: false, units: new Map<string, string>(), shows: 0, lists: 0 };
  const run: RunProgram = (argv) => {
    if (systemd.hangs) return Promise.resolve({ kind: 'failed', reason: 'no answer within 8 s' });
    const names = argv.slice(argv.indexOf('--') + 1);
    if (argv[1] === 'show') {
      systemd.shows += 1;
      const blocks = names.map((name) => {
        const state = systemd.units.get(name);
        return state === undefined
          ? 'LoadState=not-found\nActiveState=inactive'
          : `LoadState=loaded\nActiveState=${state}\nSubState=${state}`;
      });
      return Promise.resolve({ kind: 'done', status: 0, stdout: `${blocks.join('\n\n')}\n`, stderr: '' });
    }
    systemd.lists += 1;
    const prefix = names[0]?.replace('*.service', '') ?? '';
    const found = [...systemd.units.keys()].filter((name) => name.startsWith(prefix));
    return Promise.resolve({ kind: 'done', status: 0, stdout: found.map((name) => `${name} x\n`).join(''), stderr: '' });
  };
  return { systemd, run };
}

function begin(watch: readonly string[]) {
  const clock = new FakeClock();
  const { log, lines } = fakeLog();
  const { systemd, run } = fakeSystemd();
  const seen: ServicesReport[] = [];
  const onServices = (report: ServicesReport): void => void seen.push(ServicesReport.parse(report));
  const watcher = new ServiceWatcher({ clock, log, run, watch, onServices, hasSystemd: () => Promise.resolve(systemd.booted) });
  const last = (): string => {
    const report = seen.at(-1);
    if (report === undefined) return 'nothing';
    return report.available ? report.services.map((one) => `${one.unit} ${one.state}`).join(', ') : report.reason;
  };
  return { clock, lines, systemd, seen, watcher, last };
}

describe('watching services', () => {
  it('asks every ten seconds, in one call', async () => {
    const { clock, systemd, watcher, last } = begin(['a.service', 'b.service', 'c.service']);
    systemd.units.set('a.service', 'active').set('b.service', 'failed');
    await watcher.start();
    expect(last()).toBe('a.service running, b.service failed, c.service missing');
    systemd.units.set('a.service', 'inactive');
    await clock.pass(30_000);
    expect(last()).toBe('a.service stopped, b.service failed, c.service missing');
    expect([systemd.shows, systemd.lists]).toEqual([4, 0]);
    watcher.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('expands patterns once a minute, and keeps what they matched while systemd knows it', async () => {
    const { clock, systemd, watcher, last } = begin(['slurm*.service']);
    systemd.units.set('slurmd.service', 'active').set('ssh.service', 'active');
    await watcher.start();
    expect(last()).toBe('slurmd.service running');
    systemd.units.set('slurmctld.service', 'active').set('slurmd.service', 'inactive');
    await clock.pass(50_000);
    expect(last()).toBe('slurmd.service stopped');
    await clock.pass(10_000);
    expect(last()).toBe('slurmctld.service running, slurmd.service stopped');
    systemd.units.delete('slurmd.service');
    await clock.pass(10_000);
    expect(last()).toBe('slurmctld.service running');
    expect(systemd.lists).toBe(2);
    watcher.stop();
  });

  it('asks nothing where there is nothing to watch', async () => {
    const { clock, systemd, watcher, seen } = begin([]);
    await watcher.start();
    await clock.pass(100_000);
    expect(seen).toEqual([{ available: true, services: [] }]);
    expect(systemd.shows + systemd.lists + clock.pendingTimers).toBe(0);
  });

  it('shows an empty list while no unit matches', async () => {
    const { watcher, seen } = begin(['none*.service']);
    await watcher.start();
    expect(seen).toEqual([{ available: true, services: [] }]);
    watcher.stop();
  });
});

describe('where states are not known', () => {
  it('says that there is no systemd, once in the log', async () => {
    const { clock, lines, systemd, watcher, last } = begin(['a.service']);
    systemd.booted = false;
    await watcher.start();
    expect(last()).toBe('systemd does not run this machine');
    await clock.pass(60_000);
    expect(lines).toHaveLength(1);
    watcher.stop();
  });

  it('lets one unanswered question pass, reports the second, and recovers', async () => {
    const { clock, systemd, watcher, last, seen } = begin(['a.service']);
    systemd.units.set('a.service', 'active');
    await watcher.start();
    systemd.hangs = true;
    await clock.pass(10_000);
    expect(last()).toBe('a.service running');
    await clock.pass(10_000);
    expect(last()).toBe('systemctl show: no answer within 8 s');
    systemd.hangs = false;
    await clock.pass(10_000);
    expect(last()).toBe('a.service running');
    expect(seen).toHaveLength(3);
    watcher.stop();
  });

  it('reports at once when there never was an answer', async () => {
    const { systemd, watcher, last } = begin(['a*.service']);
    systemd.hangs = true;
    await watcher.start();
    expect(last()).toBe('systemctl list-units: no answer within 8 s');
    watcher.stop();
  });

  it('leaves out a unit whose state is not understood', async () => {
    const { lines, systemd, watcher, last } = begin(['a.service', 'b.service']);
    systemd.units.set('a.service', 'quantum').set('b.service', 'active');
    await watcher.start();
    expect(last()).toBe('b.service running');
    expect(lines.join()).toContain('unit=a.service');
    watcher.stop();
  });
});

it('watches at most 512 units, those with a name of their own first', () => {
  const list = new WatchList(['z.service', 'a*.service']);
  list.matched(Array.from({ length: 600 }, (_, index) => `a${index}.service`));
  expect(list.names).toHaveLength(512);
  expect(list.names[0]).toBe('z.service');
});
