import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '@muster/lab';

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
  readonly harm: (lab: Lab, host: string) => Promise<void>;
  readonly mend: (lab: Lab, host: string) => Promise<void>;
};

/** A script on a host, as root. @throws Error when it fails */
export async function onHost(lab: Lab, host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await lab.run(host, ['sh', '-s'], { input: script, timeoutSeconds: 120 });
  if (code !== 0) throw new Error(`on ${host}: ${script}: ${stderr}`);
  return stdout.trim();
}

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
];

/** Whether the fault's cut waits for a fail-over instead of for a fixed time. */
export const waitsForFailover = ({ name }: Fault): boolean => /^network-cut-\d+s$/u.test(name);
