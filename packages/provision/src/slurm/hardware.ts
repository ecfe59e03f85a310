import { ProvisionError } from '../provision-error.ts';

/** What a node has, as its own slurmd and its devices say. */
export type SlurmHardware = {
  readonly cpus: number;
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
  /** A little less than there is, in steps: the kernel's own share differs from boot to boot, and Slurm refuses a node that has less than it says. */
  readonly memoryMib: number;
  readonly gpus: number;
  /** A container has no control groups that Slurm could use. */
  readonly isContainer: boolean;
};

/** Prints what `readHardware` reads. */
export const hardwareScript = `
slurmd -C 2>/dev/null | head -n 1
printf 'gpus=%s\\n' "$(ls /dev 2>/dev/null | grep -c '^nvidia[0-9][0-9]*$')"
if systemd-detect-virt --quiet --container 2>/dev/null; then echo container=yes; else echo container=no; fi
`;

const memoryStepMib = 128;

/** Reads what the script printed. @throws ProvisionError when slurmd did not describe the machine */
export function readHardware(output: string): SlurmHardware {
  const numbers = new Map([...output.matchAll(/\b([A-Za-z]+)=(\d{1,9})\b/gu)].map(([, key = '', value]) => [key, Number(value)]));
  const number = (key: string): number => numbers.get(key) ?? 0;
  const memoryMib = Math.floor(number('RealMemory') / memoryStepMib) * memoryStepMib;
  const cpus = number('CPUs');
  if (cpus < 1 || memoryMib < 1) throw new ProvisionError('slurmd -C does not say what the machine has. Run it there to see why.');
  const sockets = (number('Boards') || 1) * (number('SocketsPerBoard') || number('Sockets') || 1);
  return {
    cpus,
    sockets,
    coresPerSocket: number('CoresPerSocket') || 1,
    threadsPerCore: number('ThreadsPerCore') || 1,
    memoryMib,
    gpus: number('gpus'),
    isContainer: output.includes('container=yes'),
  };
}
