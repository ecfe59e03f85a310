import { expect, it } from 'vitest';
import { killLoop } from './kill-loop.ts';

it(
  'loses nothing acknowledged when server and database are killed at any moment, and writes nothing in half',
  { timeout: 240_000 },
  async () => {
    const figures = await killLoop(51);
    process.stdout.write(`kill -9 loop: ${JSON.stringify(figures)}\n`);
    expect(figures).toMatchObject({ rounds: 51, lost: 0, half: 0 });
    expect(figures.killed).toEqual({ server: 17, database: 17, both: 17 });
    expect(figures.acknowledged).toBeGreaterThan(51);
  },
);
