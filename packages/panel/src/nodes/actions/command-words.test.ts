import { expect, it } from 'vitest';
import { commandWords } from './command-words.ts';

it.each<[string, string[]]>([
  ['uptime', ['uptime']],
  ['  df  -h\t/ ', ['df', '-h', '/']],
  ['grep "two words" \'and "more"\'', ['grep', 'two words', 'and "more"']],
  ['echo a"b c"d', ['echo', 'ab cd']],
  [String.raw`echo a\ b \" '\n'`, ['echo', 'a b', '"', String.raw`\n`]],
  ['echo ""', ['echo', '']],
  ['echo $HOME | cat; rm *', ['echo', '$HOME', '|', 'cat;', 'rm', '*']],
])('%s is %o', (text, words) => expect(commandWords(text)).toEqual({ ok: true, words }));

it.each([
  ['', 'Enter a command.'],
  ['   ', 'Enter a command.'],
  ['echo "a', 'A " is opened and not closed.'],
  ["echo 'a", "A ' is opened and not closed."],
  ['echo \\', 'The backslash at the end stands before nothing.'],
])('%j is refused: %s', (text, fault) => expect(commandWords(text)).toEqual({ ok: false, fault }));
