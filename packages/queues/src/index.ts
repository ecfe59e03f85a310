export { QueueError, type QueueFailure } from './queue-error.ts';
export { slurmPrograms, type SlurmPrograms, type SlurmProgramsOptions } from './slurm/slurm-programs.ts';
export { SlurmQueue, type SlurmQueueOptions } from './slurm/slurm-queue.ts';
