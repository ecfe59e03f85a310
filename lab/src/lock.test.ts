import { describe, expect, it } from 'vitest';

import { withLock } from './lock.ts';
import { runCommand } from './run-command.ts';

const unique = (name: string): string => `test-${process.pid}-${name}`;

describe('withLock', () => {
  it('lets one in at a time', async () => {
    const inside: string[] = [];
    const enter = (who: string): Promise<void> =>
      withLock(unique('turns'), 10, async () => {
        inside.push(`${who} in`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        inside.push(`${who} out`);
      });
    await Promise.all([enter('a'), enter('b'), enter('c')]);
    expect(inside).toHaveLength(6);
    for (let at = 0; at < 6; at += 2) expect(inside[at + 1]).toBe(inside[at]?.replace('in', 'out'));
  });

  it('gives up after its time and says what to do', async () => {
    await withLock(unique('held'), 0, async () => {
      await expect(withLock(unique('held'), 0.2, async () => undefined)).rejects.toThrow(/at work/);
    });
  });

  it('is free after an error, and after its holder was killed', async () => {
    await expect(withLock(unique('error'), 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const program = `import { withLock } from ${JSON.stringify(`${import.meta.dirname}/lock.ts`)};
      await withLock(${JSON.stringify(unique('killed'))}, 0, async () => process.kill(process.pid, 'SIGKILL'));`;
    const killed = await runCommand([process.execPath, '--input-type=module', '-e', program]);
    expect(killed.code).toBe(137);
    await expect(withLock(unique('killed'), 0, async () => 'mine')).resolves.toBe('mine');
    await expect(withLock(unique('error'), 0, async () => 'mine')).resolves.toBe('mine');
  });
});
