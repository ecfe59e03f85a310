import { readVariablesText } from './decode-source.ts';
import { InventoryError, readingFrom } from './inventory-error.ts';
import type { InventoryFiles } from './inventory-files.ts';
import type { Variables } from './inventory-value.ts';
import { splitAssignments } from './key-values.ts';
import { toInventoryValue } from './python-value.ts';
import { readTreeDocument } from './tree-document.ts';

/**
 * Reads the variables of the command line (`-e`), a later one winning: `name=value ...` (text
 * always), a map in JSON or YAML, or `@file` with one. Throws InventoryError.
 */
export function readExtraVariables(options: readonly string[], files: InventoryFiles): Variables {
  return new Map(options.flatMap((option) => [...readOption(option, files)]));
}

function readOption(option: string, files: InventoryFiles): Variables {
  if (option === '') return new Map();
  if (option.startsWith('@')) return readFile(option.slice(1), files);
  if (option.startsWith('[') || option.startsWith('{')) return readMap('-e', option);
  if (!option.startsWith('/') && !option.startsWith('.')) return splitAssignments(option);
  throw new InventoryError({ problem: '-e takes a file only with @ before it', offending: option, advice: `Write -e @${option}.` });
}

function readFile(path: string, files: InventoryFiles): Variables {
  if (readingFrom(path, () => files.read(path)) !== undefined) return readMap(path, readVariablesText(path, files));
  throw new InventoryError({ file: path, problem: 'there is no such file', advice: 'Check the path given with -e @.' });
}

function readMap(file: string, text: string): Variables {
  const document = readTreeDocument(file, text);
  const value = toInventoryValue(document.root);
  if (value instanceof Map) return value;
  throw new InventoryError({
    ...document.placeOf([]),
    problem: 'the extra variables are not a map of names to values',
    advice: 'Write -e name=value, -e \'{"name": "value"}\' or -e @file.',
  });
}
