import type { Gpu } from '@muster/api';

/** GPUs of one kind. */
export type GpuGroup = { readonly model: string; readonly memoryBytes: number; readonly uuids: readonly string[] };

/** The GPUs of a machine by kind, in the order of their first: eight alike are one line, not eight. */
export function gpuGroups(gpus: readonly Gpu[]): GpuGroup[] {
  const groups = Map.groupBy(gpus, ({ model, memoryBytes }) => JSON.stringify([model, memoryBytes]));
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    return first === undefined ? [] : [{ model: first.model, memoryBytes: first.memoryBytes, uuids: alike.map((gpu) => gpu.uuid) }];
  });
}
