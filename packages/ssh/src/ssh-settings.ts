import { homedir, userInfo } from 'node:os';

/** What OpenSSH's configuration says about a host, as far as it is honoured here. */
export interface SshSettings {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths that need not exist; undefined where the configuration names none and OpenSSH's defaults apply. */
  readonly identityFiles?: readonly string[] | undefined;
  readonly certificateFiles: readonly string[];
  /** Of the agent's keys only those that are named by a file are offered. */
  readonly identitiesOnly: boolean;
  /** The agent's socket, `none` for no agent, undefined for the one of the environment. */
  readonly identityAgent?: string | undefined;
  /** The user's files, then the machine's. */
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string | undefined;
  readonly strictHostKeyChecking: 'yes' | 'no' | 'ask' | 'acceptNew';
  readonly connectTimeoutSeconds?: number | undefined;
  /** Undefined where it is switched off, as by default. */
  readonly keepaliveIntervalSeconds?: number | undefined;
  readonly keepaliveCountMax: number;
  /** Hosts on the way, from the first to the last, as written. */
  readonly proxyJump: readonly string[];
  readonly proxyCommand?: string | undefined;
}

/** Reads the answer of `ssh -G`: a line for each option, its name in lower case. `name` is the host that was asked for. */
export function readSshSettings(answer: string, name: string): SshSettings {
  const options = optionsOf(answer);
  const one = (option: string): string | undefined => options.get(option)?.[0];
  const given = (option: string): string | undefined => (one(option) === 'none' ? undefined : one(option));
  const [address, port, user] = [one('hostname') ?? name, Number(one('port') ?? 22), one('user') ?? userInfo().username];
  const path = (text: string): string => expandPath(text, { h: address, n: name, p: String(port), r: user });
  const paths = (option: string): string[] => (options.get(option) ?? []).filter((text) => text !== 'none').map(path);
  const files = ['userknownhostsfile', 'globalknownhostsfile'].flatMap((option) => filesOf(one(option))).map(path);
  return {
    address,
    port,
    user,
    identityFiles: isDefault(options.get('identityfile') ?? []) ? undefined : paths('identityfile'),
    certificateFiles: paths('certificatefile'),
    identitiesOnly: one('identitiesonly') === 'yes',
    identityAgent: identityAgentOf(one('identityagent'), path),
    knownHostsFiles: files,
    hostKeyAlias: one('hostkeyalias'),
    strictHostKeyChecking: STRICTNESS.get(one('stricthostkeychecking') ?? '') ?? 'ask',
    connectTimeoutSeconds: positive(one('connecttimeout')),
    keepaliveIntervalSeconds: positive(one('serveraliveinterval')),
    keepaliveCountMax: positive(one('serveralivecountmax')) ?? 3,
    proxyJump: given('proxyjump')?.split(',') ?? [],
    proxyCommand: given('proxycommand'),
  };
}

/** `ssh -G` says true and false for what is written as yes and no; `off` is a synonym of no. */
const STRICTNESS: ReadonlyMap<string, SshSettings['strictHostKeyChecking']> = new Map([
  ['true', 'yes'],
  ['yes', 'yes'],
  ['false', 'no'],
  ['no', 'no'],
  ['off', 'no'],
  ['ask', 'ask'],
  ['accept-new', 'acceptNew'],
]);

function optionsOf(answer: string): Map<string, string[]> {
  const options = new Map<string, string[]>();
  for (const line of answer.split('\n')) {
    const at = line.indexOf(' ');
    if (at > 0) {
      const name = line.slice(0, at).toLowerCase();
      options.set(name, [...(options.get(name) ?? []), line.slice(at + 1).trim()]);
    }
  }
  return options;
}

/** Where no IdentityFile is configured, `ssh -G` names all of OpenSSH's default files; nobody writes that many by hand. */
function isDefault(files: readonly string[]): boolean {
  return files.length === 0 || (files.length > 3 && files.every((file) => /^~\/\.ssh\/id_[a-z0-9_]+$/u.test(file)));
}

/** `ssh -G` does not quote, so a blank parts two files only where a path begins after it. */
function filesOf(text: string | undefined): string[] {
  return text === undefined || text === 'none' ? [] : text.split(/ (?=[/~$%])/u);
}

function identityAgentOf(text: string | undefined, path: (text: string) => string): string | undefined {
  if (text === undefined || text === 'SSH_AUTH_SOCK') {
    return undefined;
  }
  const variable = /^\$\{?(\w+)\}?$/u.exec(text)?.[1];
  return variable === undefined ? path(text) : (process.env[variable] ?? 'none');
}

function positive(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}

/** Home, environment variables and the tokens of ssh_config(5) that paths may carry. A token that is not known stays as it is. */
function expandPath(text: string, host: Readonly<Record<string, string>>): string {
  if (!/[~$%]/u.test(text)) {
    return text;
  }
  const { username, uid } = userInfo();
  const tokens: Readonly<Record<string, string>> = { ...host, '%': '%', d: homedir(), u: username, i: String(uid) };
  return text
    .replace(/^~(?=\/|$)/u, homedir())
    .replaceAll(/\$\{(\w+)\}/gu, (_whole, name: string) => process.env[name] ?? '')
    .replaceAll(/%(.)/gu, (whole, token: string) => tokens[token] ?? whole);
}
