import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { makeWorld } from '../fake/world.ts';
import { closePanel, launchBrowser, openPanel, overflowPixels, signIn } from './open-panel.ts';
import { shots, type Shot } from './shots.ts';

/** Pictures of every screen, wide and narrow, light and dark: `node packages/panel/test/screenshots.ts [FOLDER]`. */
const folder = process.argv[2] ?? join(import.meta.dirname, '..', 'dist-screenshots');

async function take(browser: Browser, shot: Shot, width: number, colorScheme: 'light' | 'dark'): Promise<void> {
  const panel = await openPanel(browser, {
    world: shot.world?.() ?? makeWorld({ good: 60, isNasty: true }),
    context: { viewport: { width, height: width < 700 ? 844 : 900 }, colorScheme },
    timeoutMs: 40_000,
  });
  const { page } = panel;
  if (shot.isSignedOut) await page.goto(shot.path);
  else await signIn(panel, shot.path);
  await page.waitForLoadState('load');
  await page
    .getByRole('progressbar')
    .waitFor({ state: 'detached' })
    .catch(() => undefined);
  await page.waitForTimeout(500);
  const fault = await shot.prepare?.(panel).then(
    () => undefined,
    (error: unknown) => String(error).split('\n', 1)[0],
  );
  await page.waitForTimeout(400);
  const overflow = await overflowPixels(page);
  const file = `${shot.name}-${width}-${colorScheme}.png`;
  await page.screenshot({ path: join(folder, file) });
  process.stdout.write(
    `${file}${fault === undefined ? '' : ` ${fault}`}${overflow > 0 ? ` too wide by ${overflow} px` : ''}${[...panel.complaints, ...panel.fake.faults].map((one) => ` ${one}`).join(' |')}\n`,
  );
  await closePanel(panel);
}

/** `SHOTS=nodes,node` takes only these, `VARIANTS=1440-light,390-dark` only so. */
const listed = (name: string): readonly string[] | undefined => process.env[name]?.split(',');
const only = listed('SHOTS');
const variants = listed('VARIANTS');

await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
for (const shot of shots.filter(({ name }) => only === undefined || only.includes(name))) {
  for (const width of [1440, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      if (variants === undefined || variants.includes(`${width}-${colorScheme}`)) await take(browser, shot, width, colorScheme);
    }
  }
}
await browser.close();
