import { EnvironmentCreate, ProblemError, type EnvironmentDefinition, type EnvironmentKind } from '@muster/api';

/** What is filled in for an environment. */
export type EnvironmentFields = {
  readonly name: string;
  readonly description: string;
  readonly selector: string;
  readonly kind: EnvironmentKind;
  /** SHA-256 of an artifact. */
  readonly sha256: string;
  readonly requirements: string;
  readonly python: string;
  readonly environmentYml: string;
};

export const emptyEnvironment: EnvironmentFields = {
  name: '',
  description: '',
  selector: '',
  kind: 'venv',
  sha256: '',
  requirements: '',
  python: 'python3',
  environmentYml: '',
};

/** What is wrong with each field. */
export type EnvironmentFaults = { readonly [K in keyof EnvironmentFields]?: string };

/** The definition that the fields of a kind make. */
function definitionOf({ kind, sha256, requirements, python, environmentYml }: EnvironmentFields): EnvironmentDefinition {
  if (kind === 'archive') return { kind, sha256: sha256.trim() };
  return kind === 'venv' ? { kind, requirements, python: python.trim() } : { kind, environmentYml };
}

/** The fields of a definition that is there. */
export const fieldsOfDefinition = (definition: EnvironmentDefinition): EnvironmentFields => ({ ...emptyEnvironment, ...definition });

/** The request that the fields make, or what is wrong with them. */
export function environmentOf(fields: EnvironmentFields): { readonly body: EnvironmentCreate } | { readonly faults: EnvironmentFaults } {
  const selector = fields.selector.trim();
  const parsed = EnvironmentCreate.safeParse({
    name: fields.name.trim(),
    description: fields.description,
    selector: selector === '' ? null : selector,
    definition: definitionOf(fields),
  });
  return parsed.success
    ? { body: parsed.data }
    : { faults: faultsOf(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))) };
}

/** What the server found wrong, by field. */
export function environmentFaultsOfError(error: unknown): EnvironmentFaults {
  if (!(error instanceof ProblemError)) return {};
  const { code, detail, errors = [] } = error.problem;
  if (code === 'environment-exists') return { name: detail };
  // A selector is a range, and the server names it so.
  return faultsOf(errors.map((one) => (one.path === 'range' ? { ...one, path: 'selector' } : one)));
}

function faultsOf(errors: readonly { path: string; message: string }[]): EnvironmentFaults {
  const faults: Record<string, string> = {};
  for (const { path, message } of errors) {
    const field = path.replace(/^definition\./u, '').split('.', 1)[0] ?? '';
    if (field in emptyEnvironment) faults[field] ??= fault(message);
  }
  return faults;
}

const fault = (message: string): string => {
  const text = message.startsWith('Too small') ? 'Fill this in' : message;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/u, '.');
};
