import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/cluster-fixture.ts';
import { clusterOf } from '../host/cluster.ts';
import { dueOf, keptChanges, type KeptService, planKept, readService, type SeenService } from './kept-service.ts';
import { markedFile, type FileState } from './marked-file.ts';

const [host] = clusterOf(inventoryOf('[driver]\nm1 ansible_host=10.0.0.1\n')).hosts;
const [other] = clusterOf(inventoryOf('[driver]\nm1 ansible_host=10.0.0.1 muster_network_overwrite=yes\n')).hosts;
const [settings, list, old] = ['/etc/x/settings', '/etc/x/list', '/etc/x/old'];
const service: KeptService = {
  name: 'x',
  unit: 'x.service',
  packages: ['x', 'y'],
  paths: [settings, list, old],
  isReread: (path) => path === list,
};
const files = [markedFile(settings, 'a\n'), markedFile(list, 'b\n')];

const looking = (state: Partial<Record<string, FileState>>, more: Partial<SeenService> = {}): SeenService => ({
  active: true,
  enabled: true,
  restartPending: false,
  reloadPending: false,
  missing: [],
  seen: new Map(service.paths.map((path) => [path, { hash: state[path] === undefined ? 'none' : 'other', state: state[path] ?? 'none' }])),
  ...more,
});

describe('a service of the network on a host', () => {
  it('is read as it was printed, with every package that is missing', () => {
    const look = readService(
      service,
      `missing=x\nmissing=y\n${list}=abc\nstate:${list}=ours\nactive=active\nenabled=disabled\npending=yes\nreload=yes\n`,
    );
    expect(look).toMatchObject({ missing: ['x', 'y'], active: true, enabled: false, restartPending: true, reloadPending: true });
    expect(look.seen.get(list)).toEqual({ hash: 'abc', state: 'ours' });
    expect(look.seen.get(settings)).toEqual({ hash: 'none', state: 'none' });
  });

  it('gets the files that it lacks, and loses those that are no longer wanted', () => {
    expect(keptChanges(service, looking({ [list]: 'ours', [old]: 'ours' }), host!, files).map(({ what }) => what)).toEqual([
      `write ${settings}`,
      `change ${list}`,
      `remove ${old}`,
    ]);
  });

  it('keeps one that somebody has changed, also where it is no longer wanted, until that is said to be no matter', () => {
    expect(() => keptChanges(service, looking({ [old]: 'edited' }), host!, files)).toThrow(/\/etc\/x\/old on m1 was changed by hand/u);
    expect(keptChanges(service, looking({ [old]: 'edited' }), other!, files)).toContainEqual({ what: `remove ${old}` });
  });

  it('is restarted for all but what it reads anew', () => {
    const choice = fc.subarray([`write ${settings}`, `change ${list}`, `remove ${old}`]);
    fc.assert(
      fc.property(choice, fc.boolean(), fc.boolean(), fc.boolean(), (words, active, restartPending, reloadPending) => {
        const changes = words.map((what) => ({ what }));
        const due = dueOf(service, looking({}, { active, restartPending, reloadPending }), changes);
        const isHeavy = !active || restartPending || words.some((what) => !what.endsWith(list));
        const light = words.length > 0 || reloadPending ? 'reload' : undefined;
        expect(due).toBe(isHeavy ? 'restart' : light);
      }),
    );
  });

  it('says what it installs, changes and starts, in this order', () => {
    const look = looking({}, { active: false, missing: ['y'] });
    expect(planKept(service, look, host!, keptChanges(service, look, host!, files), [{ what: 'more' }]).map(({ what }) => what)).toEqual([
      'install y',
      'more',
      `write ${settings}`,
      `write ${list}`,
      'start x.service',
    ]);
  });
});
