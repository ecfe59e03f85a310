import { expect, test } from 'vitest';
import { readSshArguments } from './ssh-arguments.ts';

const host = { name: 'node1', address: 'web1', port: 22 };

test.each([
  [[], [], []],
  [['-C -o ControlMaster=auto -o ControlPersist=60s'], ['-C', '-o', 'ControlMaster=auto', '-o', 'ControlPersist=60s'], []],
  [['-J gate', '-oUserKnownHostsFile=/dev/null'], ['-J', 'gate', '-oUserKnownHostsFile=/dev/null'], []],
  [["-o 'ProxyCommand ssh -W %h:%p gate'"], ['-o', 'ProxyCommand ssh -W %h:%p gate'], ['ProxyCommand']],
  [['-o Ciphers=aes256-ctr -oMACs=hmac-sha2-256'], ['-o', 'Ciphers=aes256-ctr', '-oMACs=hmac-sha2-256'], ['Ciphers', 'MACs']],
])('%j', (texts, words, beyondUs) => expect(readSshArguments(host, texts)).toEqual({ words, beyondUs }));

test.each([
  ['-L 8080:web:80', 'unsupported', 'the option -L of ssh is not supported'],
  ['-Cf', 'unsupported', 'the option -f of ssh is not supported'],
  ['-o', 'badInput', '-o among the SSH arguments lacks its value'],
  ['gate', 'badInput', '"gate" among the SSH arguments is no option'],
  ['-- gate', 'badInput', '"--" among the SSH arguments is no option'],
  ["-o 'open", 'badInput', 'a quote in the SSH arguments is not closed'],
])('%s is refused', (text, kind, what) => {
  expect(() => readSshArguments(host, [text])).toThrow(expect.objectContaining({ kind, what }));
});
