import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorld } from '../fake/world.ts';
import { closePanel, launchBrowser, openPanel, signIn } from './open-panel.ts';
import { shots } from './shots.ts';

/* Every screen and dialog of the panel, looked at by axe with all its rules: wide and narrow, light and dark. */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Waits for what is loading, and for what fades in: it has its colours only when it is there. */
async function untilStill(page: Page): Promise<void> {
  await expect.poll(() => page.locator('.pf-v6-c-spinner, .pf-v6-c-skeleton').count(), { timeout: 20_000 }).toBe(0);
  await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    await Promise.allSettled(document.getAnimations().map((one) => one.finished));
  });
}

/** What axe finds on the page as it is now, each with the places it found it at. */
async function findings(page: Page): Promise<string[]> {
  await untilStill(page);
  const results = (await page.evaluate('window.axe.run(document)')) as AxeResults;
  return results.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes
        .slice(0, 5)
        .map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary?.split('\n').slice(1, 3).join(' ').trim()})`)
        .join('; ')}`,
  );
}

const narrow = { width: 390, height: 844 };

describe('axe finds nothing', () => {
  // One that shows that there is no server any more looks like the list behind it.
  it.each(shots.filter(({ name }) => name !== 'lost'))('at $name', async (shot) => {
    const panel = await openPanel(browser, { world: shot.world?.() ?? makeWorld({ good: 12, isNasty: true }), timeoutMs: 20_000 });
    const { page } = panel;
    try {
      if (shot.isSignedOut === true) await page.goto(shot.path);
      else await signIn(panel, shot.path);
      await page.waitForLoadState('load');
      await untilStill(page);
      await shot.prepare?.(panel);
      await page.evaluate(axe);
      const found: Record<string, string[]> = { light: await findings(page) };
      await page.emulateMedia({ colorScheme: 'dark' });
      found['dark'] = await findings(page);
      await page.setViewportSize(narrow);
      found['narrow'] = await findings(page);
      expect(found).toEqual({ light: [], dark: [], narrow: [] });
    } finally {
      await closePanel(panel);
    }
  });
});
