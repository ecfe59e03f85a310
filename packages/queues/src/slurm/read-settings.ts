import type { SlurmSettings } from './job-needs.ts';

/** What `scontrol show config` says of memory. Pure. */
export function readSettings(config: string): SlurmSettings {
  const of = (name: string): string => new RegExp(`^${name}\\s*=\\s*(.*)$`, 'mu').exec(config)?.[1]?.trim() ?? '';
  const [perNode, perCpu] = [/^(\d+)/u.exec(of('DefMemPerNode'))?.[1], /^(\d+)/u.exec(of('DefMemPerCPU'))?.[1]];
  return {
    countsMemory: /memory/iu.test(of('SelectTypeParameters')),
    defaultMemory: perNode !== undefined ? { perNodeMb: Number(perNode) } : perCpu !== undefined ? { perCpuMb: Number(perCpu) } : null,
  };
}
