import { type InventoryValue, textOf } from '@muster/core';
import { ProvisionError } from '../provision-error.ts';
import type { ClusterHost } from './cluster.ts';

/** A variable as text; undefined where it is not set or empty. */
export function textVariable(host: ClusterHost, name: string): string | undefined {
  const text = textOf(host.variables.get(name));
  return text === undefined || text === '' ? undefined : text;
}

/** A variable that names several things: a list, or text with commas. */
export function listVariable(host: ClusterHost, name: string): string[] | undefined {
  const value = host.variables.get(name);
  const texts = isList(value) ? value.map((one) => textOf(one) ?? '') : textVariable(host, name)?.split(',');
  return texts?.map((one) => one.trim()).filter((one) => one !== '');
}

/** A variable as the inventory has it, where it is more than text: a map, a list. Undefined where it is not set. */
export const rawVariable = (host: ClusterHost, name: string): InventoryValue | undefined => host.variables.get(name);

/** A variable that is yes or no, in any of the words that an inventory has for it. @throws ProvisionError for another word */
export function flagVariable(host: ClusterHost, name: string, otherwise: boolean): boolean {
  const text = textVariable(host, name);
  const flag = text === undefined ? otherwise : readFlag(text);
  if (flag !== undefined) return flag;
  throw new ProvisionError(`${host.name}: ${name} is "${text}": write yes or no.`);
}

/** What a word says; undefined for one that is neither yes nor no. */
export function readFlag(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (['yes', 'true', 'on', '1'].includes(word)) return true;
  return ['no', 'false', 'off', '0'].includes(word) ? false : undefined;
}

/** `Array.isArray` forgets what a read-only list holds. */
const isList = (value: InventoryValue | undefined): value is readonly InventoryValue[] => Array.isArray(value);
