import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Inventory, readExtraVariables, readInventory } from '@muster/core';
import type { Command } from 'commander';
import { inventoryFiles } from '../inventory-files.ts';
import { CliError } from '../cli-error.ts';
import { readVaultPassword, vaultOpener } from '../open-vault.ts';
import { collect } from '../output/options.ts';
import { printable } from '../output/printable.ts';
import { askSecret, canAsk } from './ask.ts';

/** Options of every command that reads an inventory. */
export type InventoryOptions = {
  inventory: string[];
  extraVars: readonly string[];
  vaultPasswordFile: readonly string[];
  askVaultPass?: boolean;
};

const inventoryFlags = '-i, --inventory <path>';
const inventoryHelp = 'inventory file, program or folder, or names with commas; repeatable, a later one wins';
const gather = (path: string, all: string[] | undefined): string[] => [...(all ?? []), path];

/** Adds them, named as Ansible's users know them. */
export const addInventoryOptions = (command: Command): Command =>
  addVariableOptions(command.requiredOption(inventoryFlags, inventoryHelp, gather));

/** The same for a command that also works without an inventory. */
export const addInventoryOptionsIfAny = (command: Command): Command =>
  addVariableOptions(command.option(inventoryFlags, inventoryHelp, gather));

function addVariableOptions(command: Command): Command {
  return command
    .option('-e, --extra-vars <vars>', 'variables that beat all others: name=value, JSON, YAML or @file; repeatable', collect, [])
    .option(
      '--vault-password-file <file>',
      'password of what ansible-vault encrypted, or a program that prints it; repeatable',
      collect,
      [],
    )
    .option('--ask-vault-pass', 'ask for the password of what ansible-vault encrypted');
}

/**
 * Reads what they name. Warns on standard error of a password that others can see. `drafts` are the contents that files are to have, by
 * their path as it was given. @throws InventoryError
 */
export async function inventoryOf(
  { inventory, extraVars, ...vault }: InventoryOptions,
  drafts: ReadonlyMap<string, string> = new Map(),
): Promise<Inventory> {
  const passwords = await vaultPasswords(vault);
  const onDisk = passwords.length === 0 ? inventoryFiles : { ...inventoryFiles, decrypt: vaultOpener(passwords) };
  const files = { ...onDisk, read: (path: string) => drafts.get(path) ?? onDisk.read(path) };
  const extraVariables = readExtraVariables(extraVars, files);
  const onCommandLine = readExtraVariables(
    extraVars.filter((text) => !text.startsWith('@')),
    inventoryFiles,
  );
  for (const name of onCommandLine.keys()) {
    if (!SECRET_NAME.test(name)) continue;
    const advice = 'put it into a file and say -e @FILE, or let --ask-become-pass ask for the one of sudo';
    process.stderr.write(`warning: everybody on this machine can read ${printable(name)} in the process list; ${advice}\n`);
  }
  return readInventory(inventory, files, { extraVariables });
}

/** Those of files and programs, and one that is asked for. @throws CliError */
async function vaultPasswords({
  vaultPasswordFile,
  askVaultPass,
}: Pick<InventoryOptions, 'vaultPasswordFile' | 'askVaultPass'>): Promise<string[]> {
  const given = vaultPasswordFile.map(readVaultPassword);
  if (askVaultPass !== true) return given;
  if (!canAsk()) throw new CliError('There is no terminal to ask for the vault password on. Use --vault-password-file FILE.', 2);
  return [...given, await askSecret('Vault password')];
}

/** The folder that paths of an inventory are relative to: where its first file lies, else the working folder. Absolute. */
export function inventoryFolderOf({ inventory }: Pick<InventoryOptions, 'inventory'>): string {
  const path = inventory.find((one) => !one.includes(',') && existsSync(one));
  if (path === undefined) return process.cwd();
  return resolve(statSync(path).isDirectory() ? path : dirname(path));
}

const SECRET_NAME = /pass(?:word|phrase)?$|secret|token/iu;
