import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { FakeServer } from '../fake/fake-server.ts';
import { makeWorld, type FakeWorld } from '../fake/world.ts';
import { closePanel, launchBrowser, openPanel, signIn, type OpenPanel } from './open-panel.ts';

/** A panel for each test of a file, and short ways to what every test does. */
export type PanelUnderTest = {
  readonly page: Page;
  readonly fake: FakeServer;
  readonly world: FakeWorld;
  /** Signs in and opens a page. */
  open(path?: string): Promise<void>;
  heading(name: string): Promise<void>;
  button(name: string): Locator;
  dialog(name?: string | RegExp): Locator;
  /** Chooses from a menu. */
  choose(menu: string, item: string): Promise<void>;
  /** The row of a table by some of its text. */
  row(table: string, text: string): Locator;
};

/** Opens a panel before each test and closes it after; a complaint of the browser, a request to another place or an answer that does not fit fails the test. */
export function withPanel(options: { world?: () => FakeWorld } = {}): PanelUnderTest {
  let browser: Browser;
  let panel: OpenPanel;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    panel = await openPanel(browser, { world: options.world?.() ?? makeWorld({ good: 12, isNasty: true }), timeoutMs: 20_000 });
  });
  afterEach(async () => {
    const { complaints, strayRequests, fake } = panel;
    await closePanel(panel);
    expect({ complaints, strayRequests, faults: fake.faults }).toEqual({ complaints: [], strayRequests: [], faults: [] });
  });
  const button = (name: string) => panel.page.getByRole('button', { name, exact: true });
  return {
    get page() {
      return panel.page;
    },
    get fake() {
      return panel.fake;
    },
    get world() {
      return panel.fake.world;
    },
    open: (path) => signIn(panel, path),
    heading: (name) => panel.page.getByRole('heading', { name, exact: true, level: 1 }).waitFor(),
    button,
    dialog: (name) => panel.page.getByRole('dialog', name === undefined ? {} : { name }),
    async choose(menu, item) {
      await panel.page
        .getByRole('toolbar', { name: 'Actions on the selected nodes' })
        .getByRole('button', { name: menu, exact: true })
        .click();
      await panel.page.getByRole('menuitem', { name: item }).first().click();
    },
    row: (table, text) => panel.page.getByRole('grid', { name: table, exact: true }).getByRole('row').filter({ hasText: text }),
  };
}
