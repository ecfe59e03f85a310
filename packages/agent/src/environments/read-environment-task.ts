import type { ArtifactReference, EnsureEnvironment, EnvironmentRecipe, EnvironmentTask } from '@muster/api/agent';
import { namePattern } from './disk/present-environments.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what a server asks for, by hand: names become folders, so none is taken on trust. Undefined for anything this version does not
 * understand.
 */
export function readEnvironmentTask(value: unknown): EnvironmentTask | undefined {
  if (!isFields(value) || value['kind'] !== 'environment') return undefined;
  const { action, name } = value;
  if (typeof name !== 'string' || !namePattern.test(name)) return undefined;
  if (action === 'remove') return { kind: 'environment', action, name, force: value['force'] === true };
  return action === 'ensure' ? readEnsure(name, value) : undefined;
}

function readEnsure(name: string, value: Fields): EnsureEnvironment | undefined {
  const { version, definitionSha256, maxUnpackedBytes } = value;
  const recipe = readRecipe(value['recipe']);
  const artifacts = readArtifacts(value['artifacts']);
  if (recipe === undefined || artifacts === undefined || !isCount(version) || version < 1 || !isCount(maxUnpackedBytes)) return undefined;
  if (!isSha256(definitionSha256)) return undefined;
  return { kind: 'environment', action: 'ensure', name, version, definitionSha256, recipe, artifacts, maxUnpackedBytes };
}

function readRecipe(value: unknown): EnvironmentRecipe | undefined {
  if (!isFields(value)) return undefined;
  const { kind, requirements, python, environmentYml } = value;
  if (kind === 'archive') return { kind };
  if (kind === 'conda') return typeof environmentYml === 'string' ? { kind, environmentYml } : undefined;
  if (kind !== 'venv' || typeof requirements !== 'string' || typeof python !== 'string') return undefined;
  return /^(?:\/[A-Za-z0-9._+-]+)*\/?(?:python|pypy)[0-9.]*$/u.test(python) ? { kind, requirements, python } : undefined;
}

function readArtifacts(value: unknown): ArtifactReference[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const read = value.map((one) => readArtifact(one));
  return read.every((one) => one !== undefined) ? read : undefined;
}

function readArtifact(value: unknown): ArtifactReference | undefined {
  if (!isFields(value)) return undefined;
  const { sha256, name, sizeBytes } = value;
  if (!isSha256(sha256) || typeof name !== 'string' || !isCount(sizeBytes) || sizeBytes < 1) return undefined;
  return /^[A-Za-z0-9][A-Za-z0-9._+!@-]{0,199}$/u.test(name) ? { sha256, name, sizeBytes } : undefined;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isSha256 = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/u.test(value);
