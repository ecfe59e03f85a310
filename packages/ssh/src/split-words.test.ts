import { expect, test } from 'vitest';
import { splitWords } from './split-words.ts';

test.each([
  ['', []],
  ['  ', []],
  ['-J gate', ['-J', 'gate']],
  [' -o  ProxyJump=a,b\t-C ', ['-o', 'ProxyJump=a,b', '-C']],
  [`-o 'UserKnownHostsFile /a b' -o "User=it\\"s \\n"`, ['-o', 'UserKnownHostsFile /a b', '-o', 'User=it"s \\n']],
  [`-o ProxyCommand="ssh -W %h:%p 'gate way'"`, ['-o', "ProxyCommand=ssh -W %h:%p 'gate way'"]],
  [String.raw`a\ b '' $(id)`, ['a b', '', '$(id)']],
  [`'open`, undefined],
  ['end\\', undefined],
])('%s', (text, words) => expect(splitWords(text)).toEqual(words));
