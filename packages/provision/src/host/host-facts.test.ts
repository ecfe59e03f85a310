import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alpineOutput, debianOutput, epochSeconds, rockyOutput, ubuntuArmOutput, withoutIpOutput } from '../../test/host-outputs.ts';
import { readHostFacts } from './host-facts.ts';

const nowMs = epochSeconds * 1000;

describe('the facts of a host', () => {
  it('are read of Debian', () => {
    expect(readHostFacts(debianOutput(), nowMs)).toEqual({
      osId: 'debian',
      osVersion: '13',
      osName: 'Debian GNU/Linux 13 (trixie)',
      firewalls: [],
      hasFirewallNotes: false,
      hasServer: false,
      architecture: 'x86_64',
      hostname: 'web1',
      machineId: '77656231000000000000000000000000',
      cores: 8,
      memoryBytes: 32_768_000 * 1024,
      glibc: '2.41',
      hasSystemd: true,
      missingTools: [],
      freeOptBytes: 20_000_000 * 1024,
      freeVarBytes: 20_000_000 * 1024,
      addresses: [
        { interface: 'lo', address: '127.0.0.1' },
        { interface: 'lo', address: '::1' },
        { interface: 'eth0', address: '10.0.0.11' },
        { interface: 'eth0', address: 'fe80::5054:ff:fe12:3456' },
        { interface: 'eth1', address: '192.168.50.4' },
      ],
      sizeOptBytes: 40_960_000_000,
      sizeVarBytes: 40_960_000_000,
      hasDefaultRoute: true,
      cgroup: 'v2',
      swapBytes: 0,
      listeners: [{ protocol: 'tcp', address: '0.0.0.0', port: 22, pid: '812', unit: 'ssh.service', process: 'sshd' }],
      probe: 'perl',
      reached: [],
      routeAddress: '10.0.0.11',
      sshUnit: 'ssh.service',
      clockSkewSeconds: 0,
    });
  });

  it('have the length of a network where the host says it', () => {
    const { addresses } = readHostFacts(
      'address=eth0 10.0.0.11 24\naddress=eth1@if7 fd00::1 64\naddress=eth2 10.1.0.1 x\naddress=eth3 10.2.0.1 \n',
      nowMs,
    );
    expect(addresses).toEqual([
      { interface: 'eth0', address: '10.0.0.11', prefixLength: 24 },
      { interface: 'eth1', address: 'fd00::1', prefixLength: 64 },
      { interface: 'eth2', address: '10.1.0.1' },
      { interface: 'eth3', address: '10.2.0.1' },
    ]);
  });

  it('are read of Ubuntu on another processor', () => {
    expect(readHostFacts(ubuntuArmOutput, nowMs)).toMatchObject({
      osId: 'ubuntu',
      architecture: 'aarch64',
      glibc: '2.39',
      routeAddress: '10.0.0.12',
    });
  });

  it('are read of Rocky, whose SSH server has another name', () => {
    expect(readHostFacts(rockyOutput, nowMs)).toMatchObject({ osId: 'rocky', glibc: '2.34', sshUnit: 'sshd.service' });
  });

  it('are read of Alpine, with what it lacks', () => {
    expect(readHostFacts(alpineOutput, nowMs)).toMatchObject({
      glibc: '',
      hasSystemd: false,
      missingTools: ['systemctl', 'useradd'],
      machineId: '',
      freeVarBytes: 0,
      sshUnit: undefined,
    });
  });

  it('have no addresses where there is no ip command', () => {
    expect(readHostFacts(withoutIpOutput, nowMs)).toMatchObject({ addresses: [], routeAddress: '' });
  });

  it.each([
    [nowMs + 30_000, -30],
    [nowMs - 30_000, 30],
  ])('tell how far its clock is from ours', (oursMs, skew) => {
    expect(readHostFacts(debianOutput(), oursMs).clockSkewSeconds).toBe(skew);
  });

  it('keep an equals sign in a value, and take the first of a line that comes twice', () => {
    const facts = readHostFacts('os_name=A=B\nos_name=C\nnoise\n=odd\n', nowMs);
    expect(facts.osName).toBe('A=B');
  });

  it('cost no more than their length, however often a host repeats a key', () => {
    // Copying what is known for each of these lines would take minutes.
    expect(readHostFacts('os_id=debian\n' + 'address=\n'.repeat(400_000), nowMs).osId).toBe('debian');
  });

  it('are always whole, whatever a host prints', () => {
    fc.assert(
      fc.property(fc.string(), (output) => {
        const facts = readHostFacts(output, nowMs);
        for (const value of [facts.cores, facts.memoryBytes, facts.freeOptBytes, facts.clockSkewSeconds]) expect(value).not.toBeNaN();
      }),
    );
  });
});
