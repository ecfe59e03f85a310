import { describe, expect, it } from 'vitest';
import { hardwareOutput } from '../../test/fake-slurm.ts';
import { readHardware } from './hardware.ts';

describe('what slurmd says of a machine', () => {
  it('is read, the memory in steps', () => {
    expect(readHardware(hardwareOutput)).toEqual({
      cpus: 16,
      sockets: 2,
      coresPerSocket: 4,
      threadsPerCore: 2,
      memoryMib: 64_128,
      gpus: 0,
      isContainer: false,
    });
  });

  it('is read in the form of older versions, with graphics cards, in a container', () => {
    const output = 'NodeName=a CPUs=4 Sockets=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=8000 TmpDisk=9\ngpus=3\ncontainer=yes\n';
    expect(readHardware(output)).toMatchObject({ sockets: 1, coresPerSocket: 4, memoryMib: 7936, gpus: 3, isContainer: true });
  });

  it.each([
    ['nothing', ''],
    ['no slurmd', 'gpus=0\ncontainer=no\n'],
    ['no memory', 'NodeName=a CPUs=4 RealMemory=0\n'],
    ['no number', 'NodeName=a CPUs=many RealMemory=9000\n'],
  ])('is refused when it is %s', (_what, output) => {
    expect(() => readHardware(output)).toThrow(/slurmd -C does not say what the machine has/u);
  });

  it('counts boards', () => {
    expect(readHardware('CPUs=8 Boards=2 SocketsPerBoard=2 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=1024').sockets).toBe(4);
  });
});
