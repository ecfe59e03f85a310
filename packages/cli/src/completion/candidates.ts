import { filterKeys, nodeFields, sortKeys } from '@muster/core';
import type { Command } from 'commander';
import type { Place } from './place.ts';

/** A word that could stand there, and what it means. */
export type Candidate = { readonly word: string; readonly what?: string };

/** Names that only a server knows; empty lists where none answers. */
export type NamesPort = {
  names(prefix: string): Promise<{ nodes: string[]; groups: string[]; labels: string[]; units: string[] }>;
  views(): Promise<string[]>;
};

/** What a word stands for, by the name of the argument or option whose value it is. */
type Kind = 'range' | 'node' | 'group' | 'label' | 'unit' | 'view' | 'sort' | 'filter';

const kindsOfOptions: Readonly<Record<string, Kind>> = {
  '--range': 'range',
  '--node': 'node',
  '--group': 'group',
  '--remove-group': 'group',
  '--remove-label': 'label',
  '--unit': 'unit',
  '--view': 'view',
  '--sort': 'sort',
  '--filter': 'filter',
};
/** Options that take several of their choices, with commas. */
const severalAllowed: readonly string[] = ['--only', '--skip'];
const kindsOfArguments: Readonly<Record<string, Kind>> = { range: 'range', node: 'node', nodes: 'range', unit: 'unit' };

/** The words that could stand at a place, those that begin as what is typed. */
export async function candidatesAt(place: Place, port: NamesPort): Promise<Candidate[]> {
  const { word, option } = place;
  const found = option === undefined ? await plainCandidates(place, port) : await optionValues(place, port);
  return found
    .map((candidate) => ({ ...candidate, word: `${option?.typed ?? ''}${candidate.word}` }))
    .filter((candidate) => candidate.word.startsWith(`${option?.typed ?? ''}${word}`));
}

async function optionValues({ option, word }: Place, port: NamesPort): Promise<Candidate[]> {
  if (option === undefined) return [];
  const { argChoices, long } = option.option;
  if (argChoices !== undefined) return severalAllowed.includes(long ?? '') ? listCandidates(argChoices, word) : plain(argChoices);
  const kind = kindsOfOptions[long ?? ''];
  return kind === undefined ? [] : ofKind(kind, word, port);
}

async function plainCandidates({ command, argumentsBefore, word }: Place, port: NamesPort): Promise<Candidate[]> {
  if (word.startsWith('-') && word !== '-') return optionsOf(command);
  if (command.commands.length > 0) return argumentsBefore === 0 ? subCommands(command) : [];
  const { registeredArguments } = command;
  const argument =
    registeredArguments[argumentsBefore] ?? (registeredArguments.at(-1)?.variadic === true ? registeredArguments.at(-1) : undefined);
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return plain(argument.argChoices);
  const kind = kindOfArgument(command, argument.name());
  return kind === undefined ? [] : ofKind(kind, word, port);
}

/** `<name>` is a node's where a command of `node` asks for one that is there, and a view's where one of `view` does. */
function kindOfArgument(command: Command, name: string): Kind | undefined {
  const parent = command.parent?.name();
  if (name === 'name' && parent === 'node') return command.name() === 'add' ? undefined : 'node';
  if (name === 'name' && parent === 'view') return 'view';
  if (name === 'name' && parent === 'range') return 'node';
  return kindsOfArguments[name];
}

/** What may follow the last comma: the choices that are not there yet. */
function listCandidates(choices: readonly string[], word: string): Candidate[] {
  const before = word.slice(0, word.lastIndexOf(',') + 1);
  const given = before.split(',');
  return plain(choices.filter((choice) => !given.includes(choice)).map((choice) => `${before}${choice}`));
}

const plain = (words: readonly string[]): Candidate[] => words.map((word) => ({ word }));

const isHidden = (command: Command): boolean => '_hidden' in command && command['_hidden'] === true;

const subCommands = (command: Command): Candidate[] =>
  command.commands.filter((one) => !isHidden(one)).map((one) => ({ word: one.name(), what: one.description() }));

function optionsOf(command: Command): Candidate[] {
  const own = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', what: description }));
  return [...own, { word: '--help', what: 'display help for command' }];
}

async function ofKind(kind: Kind, word: string, port: NamesPort): Promise<Candidate[]> {
  switch (kind) {
    case 'range':
      return rangeCandidates(word, port);
    case 'node':
      return plain((await port.names(word)).nodes);
    case 'group':
      return plain((await port.names(word)).groups);
    case 'label':
      return plain((await port.names(word)).labels);
    case 'unit':
      return plain((await port.names(word)).units);
    case 'view':
      return plain(await port.views());
    case 'sort':
      return sortCandidates(word);
    case 'filter':
      return filterCandidates(word, port);
  }
}

/** The term that is being typed, after what stands before it. Inside brackets and patterns there is nothing to offer. */
async function rangeCandidates(word: string, port: NamesPort): Promise<Candidate[]> {
  const [, before = '', term = ''] = /^(.*[,@(])?[ ]*-?([^,@()]*)$/su.exec(word) ?? [];
  if (/[[\]=<>~/^+]/u.test(term)) return [];
  const sign = word.slice(before.length, word.length - term.length);
  const { nodes, groups } = await port.names(term);
  const told = (names: readonly string[], what: string) => names.map((name) => ({ word: `${before}${sign}${name}`, what }));
  return [...told(groups, 'group'), ...told(nodes, 'node'), ...('all'.startsWith(term) ? told(['all'], 'every node') : [])];
}

function sortCandidates(word: string): Candidate[] {
  const before = word.slice(0, word.lastIndexOf(',') + 1);
  const sign = word.slice(before.length).startsWith('-') ? '-' : '';
  return plain(sortKeys.map((key) => `${before}${sign}${key}`));
}

async function filterCandidates(word: string, port: NamesPort): Promise<Candidate[]> {
  const colon = word.indexOf(':');
  if (colon < 0) return plain(filterKeys.map((key) => `${key}:`));
  const [key, value] = [word.slice(0, colon), word.slice(colon + 1)];
  const field = Object.entries(nodeFields).find(([name]) => name === key)?.[1];
  if (field?.kind === 'choice') return plain(field.choices.map((choice) => `${key}:${choice}`));
  return key === 'group' ? plain((await port.names(value)).groups.map((group) => `group:${group}`)) : [];
}
