import type { FactSources } from './sources.ts';

/** The id under which this machine writes its journal (machine-id(5)); undefined where there is none. */
export async function readMachineId(sources: Pick<FactSources, 'read'>): Promise<string | undefined> {
  const id = (await sources.read('/etc/machine-id'))?.trim();
  return id !== undefined && /^[0-9a-f]{32}$/u.test(id) ? id : undefined;
}
