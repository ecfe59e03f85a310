import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program that does the same as the others. */
export type Contender = { readonly name: string; readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> };

/** Medians over all rounds, seconds; undefined for one that is not installed. */
export type Result =
  | { readonly name: string; readonly wall: number; readonly cpu: number }
  | { readonly name: string; readonly missing: true };

type Ended = { readonly code: number; readonly stderr: string; readonly stdout: string };
type Run = (argv: string[], env: Record<string, string>) => Promise<Ended>;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Time of the program and everything it waited for: the shell's own report, which is the last line, whatever stands before it. */
const timed = (argv: readonly string[]): string[] => ['bash', '-c', 'TIMEFORMAT="\n%R %U %S"; time "$@" > /dev/null', 'bash', ...argv];

/** Runs one and reads how long it took. @throws Error when it fails: what did not do its work has no time */
async function measured({ name, argv, env = {} }: Contender, run: Run): Promise<{ wall: number; cpu: number }> {
  const { code, stderr, stdout } = await run(timed(argv), env);
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (code !== 0 || Number.isNaN(system)) throw new Error(`${name} failed (${code}): ${stderr}${stdout}`);
  return { wall, cpu: user + system };
}

/** Runs every contender once a round, in turn, so that what else the machine does meets all of them. @throws Error when one fails */
export async function interleaved(contenders: readonly Contender[], rounds: number, run: Run): Promise<Result[]> {
  const present = contenders.filter(({ argv }) => isInstalled(argv[0] ?? ''));
  const times = new Map(present.map(({ name }) => [name, [] as { wall: number; cpu: number }[]]));
  // One round more, which does not count: caches are then as warm for the first as for the last.
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of present) {
      const time = await measured(contender, run);
      if (round > 0) times.get(contender.name)?.push(time);
    }
  }
  return contenders.map(({ name }) => resultOf(name, times.get(name)));
}

function resultOf(name: string, times: readonly { wall: number; cpu: number }[] | undefined): Result {
  if (times === undefined) return { name, missing: true };
  return { name, wall: median(times.map(({ wall }) => wall)), cpu: median(times.map(({ cpu }) => cpu)) };
}

const isInstalled = (program: string): boolean =>
  program.includes('/') || spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0;

/** A table in which the first contender is the measure: how many times its time the others take. */
export function ratioTable(results: readonly Result[]): string {
  const [first] = results;
  if (first === undefined || 'missing' in first) throw new Error('the first contender is the measure, and it is not there');
  const lines = results.map((result) =>
    'missing' in result
      ? `| ${result.name} | not installed | | | |`
      : `| ${result.name} | ${result.wall.toFixed(2)} | ${(result.wall / first.wall).toFixed(1)} | ${result.cpu.toFixed(2)} | ${(result.cpu / first.cpu).toFixed(1)} |`,
  );
  return ['| what | wall s | ratio | client CPU s | ratio |', '| --- | --- | --- | --- | --- |', ...lines, ''].join('\n');
}

/** The machine's processor, and how many of it there are. */
export function processor(): string {
  const models = [...readFileSync('/proc/cpuinfo', 'utf8').matchAll(/^model name\s*:\s*(.*)$/gmu)].map(([, model = '']) => model);
  return `${models.length} x ${models[0] ?? 'unknown processor'}`;
}

/** Builds the release of this checkout and unpacks it; the path of its muster command. What users run is no checkout. */
export function unpackRelease(folder: string): string {
  const root = join(import.meta.dirname, '..');
  const dist = join(root, 'dist');
  const built = spawnSync(process.execPath, [join(root, 'tools', 'build.ts')], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the release could not be built: ${built.stderr}`);
  const archive = readdirSync(dist).find((name) => name.startsWith('muster-server-') && name.endsWith(`-${process.arch}.tar.gz`));
  if (archive === undefined) throw new Error(`there is no server archive in ${dist}`);
  const target = join(folder, 'muster');
  mkdirSync(target);
  const unpacked = spawnSync('tar', ['-xzf', join(dist, archive), '-C', target], { encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(`the release could not be unpacked: ${unpacked.stderr}`);
  return join(target, 'bin', 'muster');
}
