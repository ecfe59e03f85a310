import { describe, expect, it } from 'vitest';
import { asideOf } from './pending-reason.ts';

describe('why a job of Slurm waits', () => {
  it.each([
    'Resources',
    'Priority',
    'None',
    'BadConstraints',
    'ReqNodeNotAvail, UnavailableNodes:n1',
    'PartitionConfig',
    'PartitionNodeLimit',
    'NodeDown',
  ])('is for machines: %s', (reason) => {
    expect(asideOf(reason)).toBeUndefined();
  });

  it.each([
    ['JobHeldUser', 'held'],
    ['Dependency', 'waits'],
    ['BeginTime', 'waits'],
    ['JobArrayTaskLimit', 'limit'],
    ['AssocGrpCpuLimit', 'limit'],
    ['QOSMaxJobsPerUserLimit', 'limit'],
    ['MaxMemPerLimit', 'limit'],
    ['Licenses', 'limit'],
  ])('is no demand: %s', (reason, because) => {
    expect(asideOf(reason)).toMatchObject({ because, message: expect.stringContaining(`(${reason})`) as string });
  });
});
