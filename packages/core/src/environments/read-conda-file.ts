import { parseDocument } from 'yaml';

/** Why a text is no environment.yml, in a sentence; undefined when it is one. Pure. Whether it can be solved is for conda to say. */
export function condaFileProblem(text: string): string | undefined {
  const document = parseDocument(text, { uniqueKeys: true });
  const [broken] = document.errors;
  if (broken !== undefined) return `It is not valid YAML: ${broken.message.split('\n')[0] ?? ''}`;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias of nothing, or of so much that it would fill the memory.
    return `It is not valid YAML: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'It must hold keys and values, with "dependencies" as a list.';
  const { dependencies, prefix } = value as Readonly<Record<string, unknown>>;
  if (!Array.isArray(dependencies) || dependencies.length === 0) return 'It has no list of "dependencies".';
  return prefix === undefined
    ? undefined
    : 'It has a "prefix"; where an environment lies is not for its definition to say: take that line out.';
}
