import { describe, expect, it } from 'vitest';
import { judgeProvisioner, type ProvisionerFacts } from './judge-provisioner.ts';

const good: ProvisionerFacts = {
  platform: 'linux',
  cores: 2,
  memoryBytes: 8e9,
  freeBytes: 50e9,
  stateFolder: '/home/op',
  openFiles: 4096,
  sshVersion: 'OpenSSH_9.2p1',
  keyFiles: ['~/.ssh/id_ed25519'],
  agentKeys: 0,
  openKeyFiles: [],
  knownHostsWritable: true,
  archives: ['x64'],
  clockSynchronized: true,
};
const judged = (change: Partial<ProvisionerFacts>, name: string) =>
  judgeProvisioner({ ...good, ...change }).find((check) => check.name === name);

describe('judgeProvisioner', () => {
  it('finds nothing wrong with a good machine', () => {
    expect(judgeProvisioner(good).map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'ok'));
  });

  it.each<[Partial<ProvisionerFacts>, string, string, string]>([
    [{ platform: 'darwin' }, 'system', 'warning', 'Linux is recommended'],
    [{ cores: 0 }, 'cores', 'warning', '1 wanted'],
    [{ memoryBytes: 2e9 }, 'memory', 'warning', '2.0 GB; 4.0 GB wanted'],
    [{ freeBytes: 3e9 }, 'disk', 'warning', '3.0 GB free in /home/op; 25.0 GB wanted'],
    [{ openFiles: 256 }, 'open-files', 'warning', 'ulimit -n 1024'],
    [{ sshVersion: undefined }, 'ssh', 'warning', 'no OpenSSH client; '],
    [{ keyFiles: [] }, 'keys', 'warning', 'ssh-keygen'],
    [{ openKeyFiles: ['/k'] }, 'keys', 'warning', 'others can read /k; chmod 600 /k'],
    [{ knownHostsWritable: false }, 'known-hosts', 'warning', '--known-hosts FILE'],
    [{ archives: [] }, 'archives', 'failed', 'unpack the release again'],
    [{ clockSynchronized: false }, 'clock', 'warning', 'set up NTP'],
  ])('%j', (change, name, state, said) => {
    expect(judged(change, name)).toMatchObject({ state, message: expect.stringContaining(said) as string });
  });

  it('holds nothing against what cannot be told', () => {
    for (const [change, name] of [
      [{ openFiles: undefined }, 'open-files'],
      [{ clockSynchronized: undefined }, 'clock'],
      [{ archives: undefined }, 'archives'],
      [{ keyFiles: [], agentKeys: 2 }, 'keys'],
      [{ memoryBytes: 3.8e9 }, 'memory'],
    ] as const)
      expect(judged(change, name)?.state).toBe('ok');
  });
});
