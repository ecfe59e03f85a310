import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../test/wait-for.ts';
import { streamProgram } from './stream-program.ts';

function watch(...argv: [string, ...string[]]) {
  const seen = { text: '', ends: [] as (string | undefined)[] };
  const program = streamProgram(argv, {
    onOutput: (chunk) => (seen.text += chunk.toString()),
    onEnd: (failure) => void seen.ends.push(failure),
  });
  return { seen, program };
}

describe('a program that is read as it runs', () => {
  it('is heard while it runs, and its end is told', async () => {
    const { seen } = watch('printf', '%s|', 'a b', '$(id)', '*');
    await waitFor(() => seen.ends.length > 0, 'the end');
    expect(seen).toEqual({ text: 'a b|$(id)|*|', ends: [undefined] });
  });

  it('that fails says how, with the end of what it complained of', async () => {
    const { seen } = watch('sh', '-c', 'echo "first" >&2; echo "no such   journal" >&2; exit 4');
    await waitFor(() => seen.ends.length > 0, 'the end');
    expect(seen.ends).toEqual(['sh ended with 4: first no such journal']);
  });

  it('that does not exist is said to', async () => {
    const { seen } = watch('/nonexistent/journalctl');
    await waitFor(() => seen.ends.length > 0, 'the end');
    expect(seen.ends).toEqual(['there is no /nonexistent/journalctl on this machine']);
  });

  it('is ended when it is not wanted any more, even one that does not listen, and is not heard again', async () => {
    const { seen, program } = watch('sh', '-c', 'trap "" TERM; echo $$; while :; do sleep 0.05; done');
    await waitFor(() => seen.text.includes('\n'), 'its process id');
    const pid = Number(seen.text);
    program.stop();
    await waitFor(() => !existsSync(`/proc/${pid}/stat`), 'its death', 5000);
    expect(seen.ends).toEqual([]);
  });

  it('waits while it is not read', async () => {
    const { seen, program } = watch('sh', '-c', 'i=0; while [ $i -lt 40000 ]; do echo "line $i"; i=$((i + 1)); done');
    await waitFor(() => seen.text.length > 0, 'some text');
    program.pause();
    const paused = seen.text.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect([seen.text.length, seen.ends]).toEqual([paused, []]);
    program.resume();
    await waitFor(() => seen.ends.length > 0, 'the end', 10_000);
    expect(seen.text.endsWith('line 39999\n')).toBe(true);
  });
});
