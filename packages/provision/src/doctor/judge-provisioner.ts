/** What was seen of the machine that hosts are provisioned from. */
export type ProvisionerFacts = {
  /** As Node names it: `linux`, `x64`. */
  readonly platform: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Free where archives and state are kept. */
  readonly freeBytes: number;
  readonly stateFolder: string;
  /** How many files a process may open; undefined where that cannot be told. */
  readonly openFiles: number | undefined;
  /** The first line of `ssh -V`; undefined without an OpenSSH client. */
  readonly sshVersion: string | undefined;
  /** Private keys in the usual places. */
  readonly keyFiles: readonly string[];
  /** Keys that an ssh-agent holds. */
  readonly agentKeys: number;
  /** A key file that others can read. */
  readonly openKeyFiles: readonly string[];
  readonly knownHostsWritable: boolean;
  /** Architectures there are release archives for; undefined in a checkout, which makes them when they are needed. */
  readonly archives: readonly string[] | undefined;
  /** Whether something keeps the clock right; undefined where that cannot be told. */
  readonly clockSynchronized: boolean | undefined;
};

/** One thing that was looked at. `warning`: it works, and something may be missed; `failed`: it will not work. */
export type Check = { readonly name: string; readonly state: 'ok' | 'warning' | 'failed'; readonly message: string };

/** The least that the guide asks of this machine. Muster itself is content with less, so it is a warning. */
const wanted = { cores: 1, memoryBytes: 4e9, freeBytes: 25e9 };
/** A connection, its known hosts and its archive for each of some hundred hosts. */
const wantedOpenFiles = 1024;

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Judges the machine that hosts are provisioned from, one check for each thing, in a fixed order. Pure. */
export function judgeProvisioner(facts: ProvisionerFacts): Check[] {
  return [
    check('system', facts.platform === 'linux' ? 'ok' : 'warning', facts.platform, 'untested here; Linux is recommended'),
    check('cores', facts.cores >= wanted.cores ? 'ok' : 'warning', String(facts.cores), `${wanted.cores} wanted`),
    check(
      'memory',
      // A machine that is sold with 4 GB has a little less of it to use.
      facts.memoryBytes >= wanted.memoryBytes * 0.9 ? 'ok' : 'warning',
      gigabytes(facts.memoryBytes),
      `${gigabytes(wanted.memoryBytes)} wanted`,
    ),
    check(
      'disk',
      facts.freeBytes >= wanted.freeBytes ? 'ok' : 'warning',
      `${gigabytes(facts.freeBytes)} free in ${facts.stateFolder}`,
      `${gigabytes(wanted.freeBytes)} wanted where images and archives are kept`,
    ),
    openFilesCheck(facts),
    check(
      'ssh',
      facts.sshVersion === undefined ? 'warning' : 'ok',
      facts.sshVersion ?? 'no OpenSSH client',
      '~/.ssh/config is not read and hosts that only OpenSSH can reach are not reached: install openssh-client',
    ),
    keysCheck(facts),
    check(
      'known-hosts',
      facts.knownHostsWritable ? 'ok' : 'warning',
      facts.knownHostsWritable ? '~/.ssh/known_hosts can be written' : '~/.ssh/known_hosts cannot be written',
      'new host keys are asked about each time: mend its owner and mode, or use --known-hosts FILE',
    ),
    archivesCheck(facts),
    check(
      'clock',
      facts.clockSynchronized === false ? 'warning' : 'ok',
      { true: 'kept right', false: 'not synchronized', undefined: 'unknown' }[`${facts.clockSynchronized}`],
      'hosts are compared with it and certificates are dated by it: set up NTP',
    ),
  ];
}

const check = (name: string, state: Check['state'], message: string, advice: string): Check => ({
  name,
  state,
  message: state === 'ok' ? message : `${message}; ${advice}`,
});

function openFilesCheck({ openFiles }: ProvisionerFacts): Check {
  if (openFiles === undefined) return { name: 'open-files', state: 'ok', message: 'unknown' };
  const advice = `${wantedOpenFiles} wanted for some hundred hosts at a time: ulimit -n ${wantedOpenFiles}, or a lower --forks`;
  return check('open-files', openFiles >= wantedOpenFiles ? 'ok' : 'warning', `${openFiles} at once`, advice);
}

function keysCheck({ keyFiles, agentKeys, openKeyFiles }: ProvisionerFacts): Check {
  if (openKeyFiles.length > 0) {
    return check('keys', 'warning', `others can read ${openKeyFiles.join(', ')}`, `chmod 600 ${openKeyFiles.join(' ')}`);
  }
  const found = [...keyFiles, ...(agentKeys > 0 ? [`${agentKeys} in ssh-agent`] : [])];
  const advice = 'only hosts whose inventory names a key or a password can be logged in to: ssh-keygen -t ed25519';
  return check('keys', found.length > 0 ? 'ok' : 'warning', found.length > 0 ? found.join(', ') : 'no key', advice);
}

function archivesCheck({ archives }: ProvisionerFacts): Check {
  if (archives === undefined) return { name: 'archives', state: 'ok', message: 'a checkout: made when they are needed' };
  const advice = 'there is nothing to install on hosts: unpack the release again';
  return check('archives', archives.length > 0 ? 'ok' : 'failed', archives.length > 0 ? `for ${archives.join(', ')}` : 'none', advice);
}
