import type { JobAside } from '@muster/core';

/** Slurm's own reasons for which another machine would not help; all others are demand (squeue(1), "JOB REASON CODES"). */
const because: Readonly<Record<string, JobAside['because']>> = {
  JobHeldUser: 'held',
  JobHeldAdmin: 'held',
  JobHoldMaxRequeue: 'held',
  Dependency: 'waits',
  DependencyNeverSatisfied: 'waits',
  BeginTime: 'waits',
  Prolog: 'waits',
  Cleaning: 'waits',
  Reservation: 'waits',
  ReservationDeleted: 'held',
  PartitionDown: 'limit',
  PartitionInactive: 'limit',
  PartitionTimeLimit: 'limit',
  Licenses: 'limit',
  JobArrayTaskLimit: 'limit',
  AccountNotAllowed: 'limit',
  InvalidAccount: 'limit',
  InvalidQOS: 'limit',
  DeadLine: 'limit',
  JobLaunchFailure: 'held',
  launch_failed_requeued_held: 'held',
};

/** What users, groups and qualities of service may have at most: AssocGrpCpuLimit, QOSMaxJobsPerUserLimit, MaxMemPerLimit and their like. */
const ofAccounting =
  /^(?:Assoc|QOS|Max)\w*(?:Limit|Minutes|PerUser|PerAccount|PerJob)\w*$|^(?:AssociationJobLimit|AssociationResourceLimit|AssociationTimeLimit|QOSUsageThreshold|QOSNotAllowed)$/u;

const words: Readonly<Record<JobAside['because'], string>> = {
  held: 'it is held',
  waits: 'it waits for something else than machines',
  limit: 'it may not run now, whatever machines there are',
  elsewhere: 'its partition is not one of Muster',
  'not-understood': 'what it asks for is not understood',
};

/** Why a pending job is no demand now; undefined for one that is. The reason may come with more words: `ReqNodeNotAvail, UnavailableNodes:n1`. */
export function asideOf(stateReason: string): Pick<JobAside, 'because' | 'message'> | undefined {
  const [code = ''] = stateReason.split(/[ ,(]/u);
  const found = because[code] ?? (ofAccounting.test(code) ? 'limit' : undefined);
  return found === undefined ? undefined : { because: found, message: `${words[found]} (${stateReason})` };
}
