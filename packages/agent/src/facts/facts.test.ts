import { Facts } from '@muster/api';
import { describe, expect, it } from 'vitest';
import type { RunProgram } from '../run-program.ts';
import { readAddresses } from './addresses.ts';
import { readArchitecture } from './architecture.ts';
import { readBootId } from './boot-id.ts';
import { boundedText } from './bounded-text.ts';
import { assembleFacts, collectQuickFacts, collectSlowFacts } from './collect-facts.ts';
import { readCores } from './cores.ts';
import { readGpus } from './gpus.ts';
import { readHostname } from './hostname.ts';
import { readKernel } from './kernel.ts';
import { readMachineId } from './machine-id.ts';
import { readMemoryBytes } from './memory-bytes.ts';
import { readOperatingSystem } from './operating-system.ts';
import { machineSources } from './sources.ts';

const files = (content: Readonly<Record<string, string>>) => ({ read: (path: string) => Promise.resolve(content[path]) });
const printing = (stdout: string, status = 0): { run: RunProgram } => ({
  run: () => Promise.resolve({ kind: 'done', status, stdout, stderr: 'oops' }),
});

describe('texts', () => {
  it('are bounded and hold no control characters', () => {
    expect(boundedText('a\u001B[31mb\nc ', 100)).toBe('a [31mb c');
    expect(boundedText('x'.repeat(300), 64)).toHaveLength(64);
  });
});

describe('names', () => {
  it('are bounded', () => {
    expect(readHostname(() => 'h'.repeat(300))).toHaveLength(253);
    expect(readKernel(() => '6.1.0-9-amd64\n')).toBe('6.1.0-9-amd64');
    expect(readArchitecture(() => 'aarch64')).toBe('aarch64');
  });

  it('include the boot id', async () => {
    expect(await readBootId(files({ '/proc/sys/kernel/random/boot_id': 'abc-1\n' }))).toBe('abc-1');
    expect(await readBootId(files({}))).toBe('');
    const id = '0123456789abcdef0123456789abcdef';
    expect(await readMachineId(files({ '/etc/machine-id': `${id}\n` }))).toBe(id);
    expect([await readMachineId(files({})), await readMachineId(files({ '/etc/machine-id': 'uninitialized\n' }))]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('addresses', () => {
  const info = (address: string, family: 'IPv4' | 'IPv6', internal = false) => ({
    address,
    family,
    internal,
    netmask: '',
    mac: '',
    cidr: null,
    scopeid: 0,
  });

  it('leave out loopback and link-local, and come in a fixed order', () => {
    const found = readAddresses(() => ({
      lo: [info('127.0.0.1', 'IPv4', true), info('::1', 'IPv6', true)],
      eth1: [info('fe80::1', 'IPv6'), info('2001:db8::2', 'IPv6'), info('10.0.0.2', 'IPv4')],
      eth0: [info('169.254.3.4', 'IPv4'), info('192.0.2.1', 'IPv4'), info('febf::9', 'IPv6'), info('fec0::9', 'IPv6')],
      down: undefined,
    }));
    expect(found.map((one) => `${one.interface} ${one.family} ${one.address}`)).toEqual([
      'eth0 ipv4 192.0.2.1',
      'eth0 ipv6 fec0::9',
      'eth1 ipv4 10.0.0.2',
      'eth1 ipv6 2001:db8::2',
    ]);
  });

  it('are at most 256', () => {
    const many = Array.from({ length: 400 }, (_, index) => info(`10.0.${index >> 8}.${index & 255}`, 'IPv4'));
    expect(readAddresses(() => ({ eth0: many }))).toHaveLength(256);
  });
});

describe('cores and memory', () => {
  it('count the processors the kernel lists', async () => {
    expect(await readCores(files({ '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: processor: x\n\nprocessor\t: 1\n' }))).toBe(2);
    expect(
      await readCores(files({ '/proc/cpuinfo': 'processor 0: version = FF\nprocessor 1: version = FF\nprocessor 2: version = FF\n' })),
    ).toBe(3);
  });

  it('fall back on what Node.js says', async () => {
    expect(await readCores(files({}))).toBeGreaterThan(0);
    expect(await readMemoryBytes(files({ '/proc/meminfo': 'nonsense' }))).toBeGreaterThan(0);
  });

  it('are in bytes', async () =>
    expect(await readMemoryBytes(files({ '/proc/meminfo': 'MemTotal:       16384 kB\nMemFree: 1 kB\n' }))).toBe(16_777_216));
});

describe('the operating system', () => {
  it('is read with its quoting', async () => {
    const text = 'PRETTY_NAME="A \\"quoted\\" \\$name"\nVERSION_ID=\'12\'\nID=debian\nHOME_URL="https://x/"\n# ID=no\n';
    expect(await readOperatingSystem(files({ '/etc/os-release': text }))).toEqual({
      id: 'debian',
      version: '12',
      name: 'A "quoted" $name',
    });
  });

  it('is found in its second place, or is just Linux', async () => {
    expect(await readOperatingSystem(files({ '/usr/lib/os-release': 'ID=arch\n' }))).toEqual({ id: 'arch', version: '', name: 'arch' });
    expect(await readOperatingSystem(files({}))).toEqual({ id: 'linux', version: '', name: 'linux' });
  });
});

describe('GPUs', () => {
  it('are read line by line', async () => {
    const text = 'NVIDIA A100-SXM4-40GB, 40960, GPU-1\nOdd, Model, 81559, GPU-2\nNVIDIA GB10, [N/A], GPU-3\n';
    expect(await readGpus(printing(text))).toEqual({
      gpus: [
        { model: 'NVIDIA A100-SXM4-40GB', memoryBytes: 42_949_672_960, uuid: 'GPU-1' },
        { model: 'Odd, Model', memoryBytes: 81_559 * 1_048_576, uuid: 'GPU-2' },
        { model: 'NVIDIA GB10', memoryBytes: 0, uuid: 'GPU-3' },
      ],
    });
  });

  it('are none without the program, and none when it finds none', async () => {
    expect(await readGpus({ run: () => Promise.resolve({ kind: 'absent' }) })).toEqual({ gpus: [] });
    expect(await readGpus(printing('No devices were found\n'))).toEqual({ gpus: [] });
  });

  it('are not known when the program fails or hangs', async () => {
    expect(await readGpus(printing('', 18))).toEqual({ failure: 'exit status 18: oops' });
    expect(await readGpus({ run: () => Promise.resolve({ kind: 'failed', reason: 'no answer within 10 s' }) })).toEqual({
      failure: 'no answer within 10 s',
    });
  });

  it('are asked for with a time limit', async () => {
    let asked: unknown;
    await readGpus({
      run: (argv, limits) => {
        asked = { argv, limits };
        return Promise.resolve({ kind: 'absent' });
      },
    });
    expect(asked).toMatchObject({
      argv: ['nvidia-smi', '--query-gpu=name,memory.total,uuid', '--format=csv,noheader,nounits'],
      limits: { timeoutMs: 10_000 },
    });
  });
});

describe('the facts of this very machine', () => {
  it('are what the server accepts', async () => {
    const sources = machineSources();
    const gpus = await readGpus(sources);
    const facts = assembleFacts(collectQuickFacts(), await collectSlowFacts(sources), 'gpus' in gpus ? gpus.gpus : []);
    expect(Facts.parse(facts)).toEqual(facts);
    expect(facts.cores).toBeGreaterThan(0);
    expect(facts.bootId).toMatch(/^[0-9a-f-]{36}$/u);
  });

  it('fit even where everything is as long as it can be', async () => {
    const long = 'x'.repeat(5000);
    const sources = {
      ...files({ '/etc/os-release': `ID=${long}\nVERSION_ID=${long}\nPRETTY_NAME="${long}"\n`, '/proc/sys/kernel/random/boot_id': long }),
      ...printing(''),
    };
    const gpus = await readGpus(printing(`${long}, 99999999999, ${long}\n`.repeat(5)));
    const facts = assembleFacts(collectQuickFacts(), await collectSlowFacts(sources), 'gpus' in gpus ? gpus.gpus : []);
    expect(Facts.safeParse(facts).success).toBe(true);
  });
});
