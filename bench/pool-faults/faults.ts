import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '@muster/lab';
import { makeClockMovable, setAhead } from './clock-ahead.ts';
import { onHost } from './on-host.ts';

/** What a fault is done to: the member whose database takes writes, the other full member, or the witness. */
type Target = 'primary' | 'replica' | 'witness';

/** One way to harm a machine of the pool, and to make it well again. */
export type Fault = {
  /** As it is asked for on the command line. */
  readonly name: string;
  readonly what: string;
  readonly target: Target;
  /** Whether the machine itself is away meanwhile, so that its own node is rightly bad. */
  readonly isAway: boolean;
  /** What the pool needs once before, such as a disk of its own. */
  readonly prepare?: (lab: Lab, members: readonly string[]) => Promise<void>;
  readonly harm: (lab: Lab, host: string) => Promise<void>;
  readonly mend: (lab: Lab, host: string) => Promise<void>;
};

type Program = { readonly name: string; readonly what: string; readonly unit: string; readonly user?: string };

const programs: readonly Program[] = [
  { name: 'server', what: 'the server', unit: 'muster' },
  { name: 'database', what: 'Patroni and PostgreSQL', unit: 'muster-database', user: 'postgres' },
  { name: 'etcd', what: 'etcd', unit: 'muster-etcd' },
];

/** A signal for all of a program at once; systemd alone does not reach what its own user started elsewhere. */
const signal = ({ unit, user }: Program, name: string): string =>
  `systemctl kill -s ${name} ${unit}${user === undefined ? '' : `; pkill -${name} -u ${user}`}; true`;

function faultsOf(program: Program, target: Target): Fault[] {
  const { name, what, unit } = program;
  const script = (text: string) => (lab: Lab, host: string) => onHost(lab, host, text).then(() => undefined);
  const fault = (how: string, words: string, harm: string, mend: string): Fault => ({
    name: `${name}-${how}-${target}`,
    what: `${words} ${what} of the ${target}`,
    target,
    isAway: false,
    harm: script(harm),
    mend: script(mend),
  });
  return [
    // systemd starts it again by itself.
    fault('killed', 'kill -9 of', signal(program, 'KILL'), 'true'),
    fault('hung', 'SIGSTOP of', signal(program, 'STOP'), signal(program, 'CONT')),
    fault('stopped', 'clean stop of', `systemctl stop ${unit}`, `systemctl start ${unit}`),
  ];
}

const powerOff = (target: Target): Fault => ({
  name: `machine-off-${target}`,
  what: `power off (no FIN) of the machine of the ${target}`,
  target,
  isAway: true,
  harm: (lab, host) => lab.kill(host),
  mend: (lab, host) => lab.start(host),
});

const cut = (target: Target): Fault => ({
  name: `network-cut-${target}`,
  what: `network cut of the ${target}, packets vanish, for half a minute`,
  target,
  isAway: true,
  harm: (lab, host) => lab.cut(host, { silent: true }),
  mend: (lab, host) => lab.heal(host),
});

/** The cut ends so long after another member leads. */
const cutUntilAfter = (seconds: number): Fault => ({
  name: `network-cut-${seconds}s`,
  what: `network cut of the primary, healed ${seconds} s after the fail-over`,
  target: 'primary',
  isAway: true,
  harm: (lab, host) => lab.cut(host, { silent: true }),
  mend: async (lab, host) => {
    await sleep(seconds * 1000);
    await lab.heal(host);
  },
});

const flapping: Fault = {
  name: 'network-flaps-primary',
  what: 'network of the primary, ten times a second there and a second away',
  target: 'primary',
  isAway: true,
  harm: async (lab, host) => {
    for (let times = 0; times < 10; times += 1) {
      await lab.cut(host, { silent: true });
      await sleep(1000);
      await lab.heal(host);
      await sleep(1000);
    }
  },
  mend: (lab, host) => lab.heal(host),
};

const everyMachine = ['node1', 'node2', 'node3'];

const allRestarted: Fault = {
  name: 'all-restarted',
  what: 'servers, databases and etcd of all members and the witness started anew at once',
  target: 'primary',
  isAway: false,
  harm: async (lab) => {
    const script =
      "systemctl list-units --plain --no-legend 'muster*.service' | cut -d' ' -f1 | grep -v agent | xargs systemctl restart --no-block";
    await Promise.all(everyMachine.map((host) => onHost(lab, host, script)));
  },
  mend: () => Promise.resolve(),
};

const databaseFolder = '/var/lib/muster-postgres';

/** A file system of a gigabyte for the database, so that it can be full while the machine's own is not. */
const ownDisk = `systemctl stop muster-database
mkdir /var/lib/moved && cp -a ${databaseFolder}/. /var/lib/moved/
mount -t tmpfs -o size=1g tmpfs ${databaseFolder}
cp -a /var/lib/moved/. ${databaseFolder}/ && chown --reference=/var/lib/moved ${databaseFolder} && chmod --reference=/var/lib/moved ${databaseFolder}
rm -rf /var/lib/moved
systemctl start muster-database`;

const diskFull: Fault = {
  name: 'disk-full-primary',
  what: 'disk of the database of the primary full, for half a minute',
  target: 'primary',
  isAway: false,
  prepare: async (lab, members) => {
    for (const member of members) await onHost(lab, member, ownDisk);
  },
  harm: async (lab, host) => void (await onHost(lab, host, `cat /dev/zero > ${databaseFolder}/filler 2>/dev/null; true`)),
  mend: async (lab, host) =>
    void (await onHost(
      lab,
      host,
      `rm -f ${databaseFolder}/filler; systemctl reset-failed muster-database; systemctl start muster-database`,
    )),
};

const clockAhead: Fault = {
  name: 'clock-ahead-primary',
  what: 'clock of server, Patroni and PostgreSQL of the primary a minute ahead',
  target: 'primary',
  isAway: false,
  prepare: makeClockMovable,
  harm: (lab, host) => setAhead(lab, host, 60),
  mend: (lab, host) => setAhead(lab, host, 0),
};

/** All that a pool is put through, in the order of the table. */
export const faults: readonly Fault[] = [
  powerOff('primary'),
  cutUntilAfter(1),
  cutUntilAfter(10),
  cutUntilAfter(60),
  ...programs.flatMap((program) => faultsOf(program, 'primary')),
  powerOff('replica'),
  ...programs.flatMap((program) => faultsOf(program, 'replica')),
  cut('replica'),
  powerOff('witness'),
  cut('witness'),
  flapping,
  allRestarted,
  diskFull,
  clockAhead,
];

/** Whether the fault's cut waits for a fail-over instead of for a fixed time. */
export const waitsForFailover = ({ name }: Fault): boolean => /^network-cut-\d+s$/u.test(name);
