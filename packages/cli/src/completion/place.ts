import type { Command, Option } from 'commander';

/** Where on a command line the word stands that is being completed. */
export type Place = {
  /** The command that the words before lead to. */
  readonly command: Command;
  /** Of the program and the commands on the way: what was given, by the option's long name. */
  readonly given: ReadonlyMap<string, string>;
  /** How many arguments of the command stand before. */
  readonly argumentsBefore: number;
  /** The word being completed. */
  readonly word: string;
  /** The option whose value it is; its beginning (`--range=`) belongs to what is typed. */
  readonly option?: { readonly option: Option; readonly typed: string };
};

/** Finds out what the last of the words is. A word that leads nowhere is taken for an argument. */
export function placeOf(program: Command, words: readonly string[]): Place {
  const walk = new Walk(program);
  for (const word of words.slice(0, -1)) walk.pass(word);
  return walk.at(words.at(-1) ?? '');
}

class Walk {
  #command: Command;
  readonly #path: Command[];
  readonly #given = new Map<string, string>();
  #arguments = 0;
  #waiting: Option | undefined;
  #onlyArguments = false;

  constructor(program: Command) {
    this.#command = program;
    this.#path = [program];
  }

  pass(word: string): void {
    if (this.#waiting !== undefined) {
      this.#given.set(this.#waiting.long ?? '', word);
      this.#waiting = undefined;
    } else if (!this.#onlyArguments && word === '--') this.#onlyArguments = true;
    else if (!this.#onlyArguments && word.startsWith('-') && word !== '-') this.#passOption(word);
    else this.#passPlain(word);
  }

  at(word: string): Place {
    const place = { command: this.#command, given: this.#given, argumentsBefore: this.#arguments, word };
    if (this.#waiting !== undefined) return { ...place, option: { option: this.#waiting, typed: '' } };
    const equals = word.indexOf('=');
    const option = word.startsWith('--') && equals > 0 ? this.#optionNamed(word.slice(0, equals)) : undefined;
    if (option === undefined) return place;
    return { ...place, word: word.slice(equals + 1), option: { option, typed: word.slice(0, equals + 1) } };
  }

  #passOption(word: string): void {
    const [name = '', value] = word.startsWith('--') ? word.split(/=(.*)/su, 2) : [word];
    const option = this.#optionNamed(name);
    if (option === undefined) return;
    if (value !== undefined) this.#given.set(option.long ?? '', value);
    else if (option.required || option.optional) this.#waiting = option;
  }

  #optionNamed(name: string): Option | undefined {
    return this.#path.flatMap(({ options }) => options).findLast(({ short, long }) => name === short || name === long);
  }

  #passPlain(word: string): void {
    const child =
      this.#arguments === 0 ? this.#command.commands.find((one) => one.name() === word || one.aliases().includes(word)) : undefined;
    if (child === undefined) {
      this.#arguments += 1;
      return;
    }
    this.#command = child;
    this.#path.push(child);
  }
}
