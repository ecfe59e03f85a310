export { decideEnvironments, type EnvironmentDecision, type EnvironmentSettings } from './decide-environments.ts';
export type { EnvironmentPicture, PicturedEnvironment, PicturedNode, PicturedWork } from './picture.ts';
export { planSync, unknownEnvironments } from './plan-sync.ts';
export { condaFileProblem } from './read-conda-file.ts';
export { normalizedName, readRequirements, type Requirement, writeRequirements } from './read-requirements.ts';
export { selectedNodes, worldOf } from './selected-nodes.ts';
export { showEnvironments, type ShownEnvironments } from './show-environments.ts';
export { afterTask, type EndedWork, type WorkChange } from './work-change.ts';
