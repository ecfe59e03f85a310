import { splitWords } from './split-words.ts';
import { badInputError, type HostIdentity, SshError } from './ssh-error.ts';

/** Arguments meant for the `ssh` program, read and found to be of use here. */
export interface SshArguments {
  readonly words: readonly string[];
  /** Options only OpenSSH itself can follow, by name. */
  readonly beyondUs: readonly string[];
}

/** Options of `ssh` that say how to connect, and take a value. */
const WITH_VALUE = 'oJilpF';
/** Those without one. They ask for nothing that a connection of ours would do otherwise. */
const WITHOUT_VALUE = 'aCqTvx';

/** Configuration that is honoured here, or makes no difference to what a connection of ours does. */
const HONOURED = new Set(
  `hostname port user identityfile identitiesonly userknownhostsfile globalknownhostsfile hostkeyalias stricthostkeychecking
  connecttimeout serveraliveinterval serveralivecountmax proxyjump identityagent
  controlmaster controlpath controlpersist compression loglevel batchmode tcpkeepalive requesttty sendenv escapechar
  checkhostip hashknownhosts updatehostkeys visualhostkey addkeystoagent gssapiauthentication gssapidelegatecredentials
  forwardx11 forwardx11trusted connectionattempts numberofpasswordprompts preferredauthentications pubkeyauthentication
  passwordauthentication kbdinteractiveauthentication`
    .split(/\s+/u)
    .filter((name) => name !== ''),
);

/**
 * Reads what the inventory gives for the command line of `ssh` (`ansible_ssh_common_args` and its like). Throws `badInput` for a
 * quote that is not closed and a word that is no option, `unsupported` for an option that does something else than connect.
 */
export function readSshArguments(host: HostIdentity, texts: readonly string[]): SshArguments {
  const words = texts.flatMap((text) => splitWords(text) ?? fail(host, 'a quote in the SSH arguments is not closed'));
  const beyondUs: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [dash, letter = '', rest] = [word[0], word[1], word.slice(2)];
    if (dash !== '-' || letter === '' || letter === '-') {
      fail(host, `"${word}" among the SSH arguments is no option`);
    }
    if (WITH_VALUE.includes(letter)) {
      at += rest === '' ? 1 : 0;
      const value = rest === '' ? words[at] : rest;
      beyondUs.push(...beyond(letter, value ?? fail(host, `-${letter} among the SSH arguments lacks its value`)));
    } else {
      checkFlags(host, word);
    }
  }
  return { words, beyondUs };
}

function beyond(letter: string, value: string): string[] {
  const [, name = ''] = letter === 'o' ? (/^\s*([^\s=]+)/u.exec(value) ?? []) : [];
  return name === '' || HONOURED.has(name.toLowerCase()) ? [] : [name];
}

function checkFlags(host: HostIdentity, word: string): void {
  const letter = [...word.slice(1)].find((one) => !WITHOUT_VALUE.includes(one));
  if (letter !== undefined) {
    throw new SshError({
      kind: 'unsupported',
      host,
      what: `the option -${letter} of ssh is not supported`,
      advice: 'Remove it from the SSH arguments in the inventory; `-o`, `-J`, `-i`, `-l`, `-p` and `-F` are understood.',
    });
  }
}

function fail(host: HostIdentity, what: string): never {
  throw badInputError(host, what, 'Correct ansible_ssh_args, ansible_ssh_common_args or ansible_ssh_extra_args in the inventory.');
}
