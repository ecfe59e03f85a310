import { expect, it } from 'vitest';
import { gpuGroups } from './gpu-groups.ts';

const gpu = (model: string, memoryBytes: number, uuid: string) => ({ model, memoryBytes, uuid });

it('groups GPUs that are alike, and keeps their order', () => {
  expect(gpuGroups([gpu('B', 2, 'u1'), gpu('A', 1, 'u2'), gpu('B', 2, 'u3'), gpu('B', 4, 'u4')])).toEqual([
    { model: 'B', memoryBytes: 2, uuids: ['u1', 'u3'] },
    { model: 'A', memoryBytes: 1, uuids: ['u2'] },
    { model: 'B', memoryBytes: 4, uuids: ['u4'] },
  ]);
  expect(gpuGroups([])).toEqual([]);
});
