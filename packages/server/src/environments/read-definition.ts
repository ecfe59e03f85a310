import { createHash } from 'node:crypto';
import { type ArtifactCreate, type EnvironmentDefinition, type EnvironmentRecipe, problem } from '@muster/api';
import { condaFileProblem, normalizedName, readRequirements, type Requirement, writeRequirements } from '@muster/core';
import type { ReadDefinition, Store } from '@muster/store';

/**
 * Reads a definition: what nodes are told, of which artifacts it is made, and the hash by which nodes tell what they have. Whatever cannot be
 * built anywhere is refused here, with the line and the way out. @throws ProblemError `invalid-request`
 */
export async function readDefinition(store: Pick<Store, 'artifacts'>, definition: EnvironmentDefinition): Promise<ReadDefinition> {
  const { recipe, artifacts } = await readKind(store, definition);
  const sorted = artifacts.map(({ sha256 }) => sha256).toSorted();
  const definitionSha256 = createHash('sha256')
    .update(JSON.stringify([canonical(recipe), sorted]))
    .digest('hex');
  return { definition, recipe, artifacts: sorted, definitionSha256 };
}

type Read = { readonly recipe: EnvironmentRecipe; readonly artifacts: readonly ArtifactCreate[] };

async function readKind(store: Pick<Store, 'artifacts'>, definition: EnvironmentDefinition): Promise<Read> {
  if (definition.kind === 'venv') return readVenv(store, definition);
  if (definition.kind === 'archive') {
    const artifacts = await store.artifacts.known([definition.sha256]);
    if (artifacts.length === 0)
      throw refuse(
        'sha256',
        `There is no artifact with this SHA-256 (${definition.sha256.slice(0, 12)}...). Add the file first: muster artifact add FILE.`,
      );
    return { recipe: { kind: 'archive' }, artifacts };
  }
  const wrong = condaFileProblem(definition.environmentYml);
  if (wrong !== undefined) throw refuse('environmentYml', wrong);
  return { recipe: { kind: 'conda', environmentYml: definition.environmentYml }, artifacts: [] };
}

async function readVenv(
  store: Pick<Store, 'artifacts'>,
  { requirements: text, python }: Extract<EnvironmentDefinition, { kind: 'venv' }>,
): Promise<Read> {
  const { requirements, problems } = readRequirements(text);
  if (problems.length > 0) throw refuseLines(problems);
  const known = await store.artifacts.known(requirements.flatMap(({ hashes }) => hashes));
  const wheels = known.filter(({ name }) => name.endsWith('.whl'));
  const missing = requirements.filter((one) => !wheels.some((wheel) => isWheelOf(wheel, one)));
  if (missing.length > 0)
    throw refuseLines(
      missing.map(({ line, text: pin }) => ({
        line,
        message: `no wheel of ${pin} is in the artifact store: add it with "muster artifact add FILE.whl"`,
      })),
    );
  const used = wheels.filter((wheel) => requirements.some((one) => isWheelOf(wheel, one)));
  const hashes = new Set(used.map(({ sha256 }) => sha256));
  return {
    recipe: { kind: 'venv', requirements: writeRequirements(requirements, (sha256) => hashes.has(sha256)), python },
    artifacts: used,
  };
}

const isWheelOf = ({ sha256, name }: ArtifactCreate, requirement: Requirement): boolean =>
  requirement.hashes.includes(sha256) && normalizedName(name.split('-')[0] ?? '') === normalizedName(requirement.name);

/** The members in one order: the same recipe is the same text. */
const canonical = (value: object): [string, unknown][] => Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Whether two definitions say the same. */
export const sameDefinition = (one: EnvironmentDefinition, other: EnvironmentDefinition): boolean =>
  JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));

const refuse = (member: string, message: string) => problem('invalid-request', message, [{ path: `definition.${member}`, message }]);

const shown = 20;

function refuseLines(problems: readonly { readonly line: number; readonly message: string }[]) {
  const errors = problems.map(({ line, message }) => ({ path: 'definition.requirements', message: `line ${line}: ${message}` }));
  const words = errors.slice(0, 3).map(({ message }) => message);
  const more = errors.length > 3 ? `; and ${errors.length - 3} more` : '';
  return problem('invalid-request', `The requirements cannot be used: ${words.join('; ')}${more}.`, errors.slice(0, shown));
}
