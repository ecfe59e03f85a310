import { join } from 'node:path';
import { openLab } from '@muster/lab';

/* Time from bare lab hosts to good nodes, and of a second run. Usage: node bench/hosts-to-good.ts [HOSTS] */

type Finished = { event: 'finished'; seconds: number; hosts: number; changed: number; failed: number };
type PhaseFinished = { event: 'phase-finished'; phase: string };

const count = Number(process.argv[2] ?? 10);
const root = join(import.meta.dirname, '..');
const lab = openLab({ name: `bench-${process.pid}` });

async function apply(): Promise<{ finished: Finished; phases: string }> {
  const argv = [join(root, 'bin', 'muster'), 'apply', '-i', lab.inventoryPath, '--known-hosts', lab.knownHostsPath, '-o', 'json'];
  const child = lab.spawnIn(argv, { cwd: root });
  const startedMs = performance.now();
  const marks: string[] = [];
  let finished: Finished | undefined;
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = JSON.parse(line) as Finished | PhaseFinished;
      if (event.event === 'finished') finished = event;
      else if (event.event === 'phase-finished') marks.push(`${event.phase} ${((performance.now() - startedMs) / 1000).toFixed(1)}`);
    }
  });
  await new Promise((resolve) => child.on('close', resolve));
  if (finished === undefined || finished.failed > 0) throw new Error(`apply failed: ${JSON.stringify(finished)}`);
  return { finished, phases: marks.join(', ') };
}

try {
  await lab.down();
  await lab.up(count);
  const first = await apply();
  const second = await apply();
  process.stdout.write(
    `${count} bare hosts to ${count} good nodes: ${first.finished.seconds.toFixed(1)} s (seconds at the end of each phase: ${first.phases})\n`,
  );
  process.stdout.write(
    `second run, ${second.finished.changed} changed: ${second.finished.seconds.toFixed(1)} s, ${(first.finished.seconds / second.finished.seconds).toFixed(1)} times faster\n`,
  );
} finally {
  await lab.down();
}
