import type { ResolvedLogin } from './host-login.ts';

/** Where a master keeps what it shares, in a private folder of its own. */
export interface MasterFiles {
  readonly socket: string;
  /** A script that notes the host's key; undefined for clients that have no KnownHostsCommand. */
  readonly noteKeyScript?: string | undefined;
}

/** The arguments of the `ssh` that logs in and carries all commands. The first value of an option wins, so ours stand first. */
export function masterArguments(login: ResolvedLogin, files: MasterFiles, configWords: readonly string[]): string[] {
  const { target, question, keepaliveIntervalSeconds = 15, keepaliveCountMax = 3 } = login;
  const options: readonly (readonly [name: string, value: string])[] = [
    ['ControlMaster', 'yes'],
    ['ControlPath', quoted(files.socket)],
    ['ControlPersist', 'no'],
    ['BatchMode', 'yes'],
    ...hostKeyOptions(login),
    ...(files.noteKeyScript === undefined ? [] : [['KnownHostsCommand', `/bin/sh ${quoted(files.noteKeyScript)} %t %K`] as const]),
    ['ConnectTimeout', String(Math.ceil(login.connectTimeoutSeconds))],
    ['ServerAliveInterval', String(Math.ceil(keepaliveIntervalSeconds))],
    ['ServerAliveCountMax', String(keepaliveCountMax)],
    // What a person's configuration may ask for beyond a login has no place here.
    ['ClearAllForwardings', 'yes'],
    ['ForwardAgent', 'no'],
    ['ForwardX11', 'no'],
    ['PermitLocalCommand', 'no'],
    ['RemoteCommand', 'none'],
    ['UpdateHostKeys', 'no'],
    ['EscapeChar', 'none'],
    ['LogLevel', 'INFO'],
  ];
  const key = target.privateKeyFile === undefined ? [] : ['-i', target.privateKeyFile];
  return [
    ...['-N', '-T', ...options.flatMap(([name, value]) => ['-o', `${name}=${value}`])],
    ...['-p', String(target.port), '-l', target.user, ...key],
    ...configWords,
    ...(question.words ?? []),
    ...['--', question.address],
  ];
}

/** The arguments of an `ssh` that only speaks to the master: should that be gone, it must not dial by itself. */
export function sessionArguments(files: MasterFiles, command: string): string[] {
  const options = ['ControlMaster=no', `ControlPath=${quoted(files.socket)}`, 'ProxyCommand=/bin/false', 'BatchMode=yes', 'LogLevel=ERROR'];
  return ['-F', '/dev/null', '-T', '-e', 'none', ...options.flatMap((option) => ['-o', option]), '--', 'master.invalid', command];
}

/** With `no` nothing is written, as with the built-in client; unknown hosts are never accepted by the way. */
function hostKeyOptions({ hostKeyCheck: { policy, files } }: ResolvedLogin): (readonly [string, string])[] {
  const list = files.length === 0 ? 'none' : files.map(quoted).join(' ');
  if (policy === 'no') {
    return [
      ['StrictHostKeyChecking', 'no'],
      ['UserKnownHostsFile', '/dev/null'],
      ['GlobalKnownHostsFile', list],
    ];
  }
  return [
    ['StrictHostKeyChecking', policy === 'acceptNew' ? 'accept-new' : 'yes'],
    ['UserKnownHostsFile', list],
    ['GlobalKnownHostsFile', 'none'],
  ];
}

/** One word of an option's value; a percent sign would begin a token. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/gu, '\\$&').replaceAll('%', '%%')}"`;
}
