import { NodeCreate, ProblemError } from '@muster/api';

/** What is filled in for a new node, as text. */
export type NewNodeFields = {
  readonly name: string;
  readonly privateIp: string;
  readonly publicIp: string;
  /** Parted by commas or blanks. */
  readonly groups: string;
  /** `key=value`, parted by commas or line ends. */
  readonly labels: string;
};
export const noFields: NewNodeFields = { name: '', privateIp: '', publicIp: '', groups: '', labels: '' };

/** What is wrong with each field; a field that is right has no entry. */
export type NewNodeFaults = { readonly [K in keyof NewNodeFields]?: string };

const wordsOf = (text: string, parts: RegExp): string[] =>
  text
    .split(parts)
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** Labels as they are written: `rack=a, example.org/purpose=training`. A key alone has an empty value. */
export const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    wordsOf(text, /[,\n]/u).map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? [word, ''] : [word.slice(0, at).trim(), word.slice(at + 1).trim()];
    }),
  );

/** Groups as they are written: `worker, gpu`. */
export const groupsOf = (text: string): string[] => [...new Set(wordsOf(text, /[,\s]/u))];

const addressOf = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** The request that the fields make, or what is wrong with them. The server has the last word. */
export function newNodeOf(fields: NewNodeFields): { readonly node: NodeCreate } | { readonly faults: NewNodeFaults } {
  const parsed = NodeCreate.safeParse({
    name: fields.name.trim(),
    privateIp: addressOf(fields.privateIp),
    publicIp: addressOf(fields.publicIp),
    groups: groupsOf(fields.groups),
    labels: labelsOf(fields.labels),
  });
  if (!parsed.success) return { faults: faultsOf(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))) };
  if (parsed.data.privateIp === null) return { faults: { privateIp: 'Enter the address by which the other machines reach it.' } };
  return { node: parsed.data };
}

/** What the server found wrong, by field; nothing where the error is about no field. */
export function faultsOfError(error: unknown): NewNodeFaults {
  if (!(error instanceof ProblemError)) return {};
  const { code, detail, errors = [] } = error.problem;
  if (code === 'node-exists') return { name: detail };
  if (code !== 'address-taken') return faultsOf(errors);
  return errors.some(({ path }) => path === 'publicIp') ? { publicIp: detail } : { privateIp: detail };
}

function faultsOf(errors: readonly { path: string; message: string }[]): NewNodeFaults {
  const faults: Record<string, string> = {};
  for (const { path, message } of errors) {
    const field = path.split('.', 1)[0] ?? '';
    if (field in noFields) faults[field] ??= `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/u, '.');
  }
  return faults;
}
