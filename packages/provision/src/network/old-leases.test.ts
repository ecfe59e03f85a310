import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptRoot } from '../../test/script-root.ts';
import { dropOldLeases } from './old-leases.ts';

const leases = '/var/lib/muster-dnsmasq/leases';
const old = '1796 02:00:00:00:00:01 10.0.0.11 n1 *\n';
const others = '1796 02:00:00:00:00:02 10.0.0.12 n2 01:02\n1796 02:00:00:00:00:99 10.0.0.150 * *\n';

let root: ScriptRoot;
beforeEach(() => {
  root = new ScriptRoot();
  root.program('systemctl', 'echo "$1" >> /run/asked');
  for (const name of ['awk', 'mktemp']) root.link(name);
  root.write(leases, old + others);
});
afterEach(() => root.remove());

const dropped = async (reservations: string) => {
  root.write('/etc/muster/dnsmasq/reservations', `# Written by\n${reservations}`);
  expect(await root.run(`set -eu\n${dropOldLeases}`)).toMatchObject({ code: 0, stderr: '' });
  return { left: root.read(leases), asked: root.has('/run/asked') ? root.read('/run/asked') : '' };
};

describe('leases of exchanged cards', () => {
  it('go, with dnsmasq stopped meanwhile', async () => {
    const reservations = '02:00:00:00:00:aa,set:known,10.0.0.11,n1,1h\n02:00:00:00:00:02,set:known,10.0.0.12,n2,1h\n';
    expect(await dropped(reservations)).toEqual({ left: others, asked: 'stop\nstart\n' });
  });

  it.each([
    ['each card has its own', '02:00:00:00:00:01,set:known,10.0.0.11,n1,1h\n'],
    ['a machine has several cards', '02:00:00:00:00:aa,02:00:00:00:00:01,set:known,10.0.0.11,n1,1h\n'],
    ['nothing is reserved', ''],
  ])('stay, with dnsmasq untouched, where %s', async (_what, reservations) => {
    expect(await dropped(reservations)).toEqual({ left: old + others, asked: '' });
  });

  it('are not asked for where there are none', async () => {
    root.write(leases, '');
    expect(await dropped('02:00:00:00:00:aa,set:known,10.0.0.11,n1,1h\n')).toEqual({ left: '', asked: '' });
  });
});
