import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeEvent, goodNode } from '../fake/fake-nodes.ts';
import { closePanel, launchBrowser, openPanel, signIn, type OpenPanel } from './open-panel.ts';

let browser: Browser;
let panel: OpenPanel;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  panel = await openPanel(browser);
  page = panel.page;
});
afterEach(async () => {
  const { complaints, strayRequests, fake } = panel;
  await closePanel(panel);
  expect({ complaints, strayRequests, faults: fake.faults }).toEqual({ complaints: [], strayRequests: [], faults: [] });
});

const section = (name: string) => page.getByRole('region', { name });
const live = () => page.getByText('Live', { exact: true }).waitFor();

function makeBad(name: string): void {
  const { world } = panel.fake;
  const found = world.nodes.find(({ node }) => node.name === name);
  if (found === undefined) throw new Error(`no node ${name} in the fake`);
  found.node = { ...found.node, health: { state: 'bad', since: null, reasons: [{ code: 'not-heard', message: 'not heard for 31 s' }] } };
  panel.fake.push(
    fakeEvent(world.events.length + 1, {
      kind: 'node-health',
      severity: 'error',
      nodeId: found.node.id,
      nodeName: name,
      message: `${name} is bad`,
    }),
  );
}

describe('a change', () => {
  it('shows within a second, without a reload', async () => {
    await signIn(panel);
    await live();
    const name = 'worker-007.cluster.example.org';
    await page.getByRole('link', { name, exact: true }).waitFor();
    // Away from the regular refetch: what shows now was pushed.
    await page.waitForTimeout(700);
    const startMs = performance.now();
    makeBad(name);
    await page.getByText('not heard for 31 s').waitFor();
    expect(performance.now() - startMs).toBeLessThan(2_000);
    await page.getByRole('button', { name: 'Bad 5' }).waitFor();
  });

  it('adds a node to the list', async () => {
    await signIn(panel);
    await live();
    panel.fake.world.nodes.push(goodNode(999, { name: 'a-new-one' }));
    panel.fake.push(fakeEvent(131, { kind: 'node-added', nodeName: 'a-new-one' }));
    await page.getByRole('link', { name: 'a-new-one', exact: true }).waitFor();
  });

  it('shows on the page of the node and among its events', async () => {
    const name = 'worker-002.cluster.example.org';
    await signIn(panel, `/nodes/${name}`);
    await live();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    makeBad(name);
    await page.getByRole('heading', { name: 'not heard for 31 s' }).or(page.getByText('not heard for 31 s')).first().waitFor();
    await section('Recent events').getByText(`${name} is bad`).waitFor();
  });

  it('in a storm costs no more than two calls a second for each list', async () => {
    await signIn(panel);
    await live();
    let calls = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/nodes')) calls += 1;
    });
    for (let at = 0; at < 200; at += 1) {
      panel.fake.push(fakeEvent(131 + at));
      await page.waitForTimeout(10);
    }
    expect(calls).toBeGreaterThanOrEqual(2);
    expect(calls).toBeLessThanOrEqual(10);
  });
});

describe('a server that is lost', () => {
  it('is announced with the age of what is shown, and comes back by itself', async () => {
    await signIn(panel);
    await live();
    await page.getByRole('link', { name: 'worker-001.cluster.example.org', exact: true }).waitFor();
    await panel.fake.stop();
    const banner = page.getByRole('status').filter({ hasText: 'The server cannot be reached' });
    await banner.waitFor();
    await banner.getByText(/Shown is the state of [1-9]\d* s ago/u).waitFor();
    await page.getByText('Not live').waitFor();
    expect(await page.getByRole('link', { name: 'worker-001.cluster.example.org', exact: true }).count()).toBe(1);
    makeBad('worker-003.cluster.example.org');
    await panel.fake.start();
    await banner.waitFor({ state: 'detached', timeout: 15_000 });
    await live();
    await page.getByText('not heard for 31 s').waitFor();
  });

  it('without its database keeps the old data and says so', async () => {
    await signIn(panel);
    await live();
    await page.getByRole('link', { name: 'worker-001.cluster.example.org', exact: true }).waitFor();
    panel.fake.setTrouble('store-unavailable');
    const banner = page.getByRole('status').filter({ hasText: 'The database cannot be reached' });
    await banner.waitFor();
    expect(await page.getByRole('link', { name: 'worker-001.cluster.example.org', exact: true }).count()).toBe(1);
    panel.fake.setTrouble('none');
    await banner.waitFor({ state: 'detached', timeout: 15_000 });
    await live();
  });

  it('without a database that takes writes shows what a copy has, and of when', async () => {
    await signIn(panel);
    await live();
    panel.fake.setTrouble('copy');
    await page.getByRole('link', { name: 'Operations', exact: true }).click();
    const banner = page.getByRole('status').filter({ hasText: 'No database takes writes now' });
    await banner.waitFor();
    expect(await banner.textContent()).toMatch(/Shown is the state of 1\d s ago/u);
    panel.fake.setTrouble('none');
    await page.getByRole('link', { name: 'Nodes', exact: true }).click();
    await banner.waitFor({ state: 'detached', timeout: 15_000 });
  });

  it('only in its stream still shows fresh data', async () => {
    await signIn(panel);
    await live();
    panel.fake.setTrouble('no-stream');
    await page.getByText('Live updates are interrupted').waitFor();
    panel.fake.world.nodes.push(goodNode(999, { name: 'a-polled-one' }));
    await page.getByRole('link', { name: 'a-polled-one', exact: true }).waitFor();
    panel.fake.setTrouble('none');
    await live();
  });
});

describe('the page of a node', () => {
  it('shows facts, services, certificates and events', async () => {
    await signIn(panel, '/nodes/worker-004.cluster.example.org');
    const machine = section('Machine');
    for (const text of [
      '10.20.0.5',
      'fd00:10::4',
      '128',
      '1 TiB',
      '8 × NVIDIA A100-SXM4-80GB',
      'Debian GNU/Linux 13 (trixie)',
      '6.12.48+deb13-amd64',
      'x64',
      '0.1.0',
      '00000000-0000-4000-8000-000000900004',
      'in step',
    ]) {
      await machine.getByText(text).first().waitFor();
    }
    const services = section('Services').getByRole('row').filter({ hasText: 'slurmd.service' });
    expect(await services.innerText()).toContain('Running');
    expect(await services.innerText()).toContain('21 Nov 2026, 08:00:00');
    await section('Certificates').getByText('In use').waitFor();
    await section('Certificates').getByText('replaced by a newer one').waitFor();
    const events = section('Recent events').getByRole('row');
    await expect.poll(() => events.count(), { timeout: 10_000 }).toBeGreaterThan(5);
  });

  it('of an unheard node shows its services as unknown', async () => {
    await signIn(panel, '/nodes/worker-902.cluster.example.org');
    await page.getByText('not heard for 12 min; the limit is 30 s').waitFor();
    const unknown = section('Services').getByText('Unknown', { exact: true });
    await expect.poll(() => unknown.count(), { timeout: 10_000 }).toBe(3);
    expect(await section('Services').getByText('Running').count()).toBe(0);
    await page.getByText('Agent not connected').waitFor();
  });

  it('names both values where the machine calls itself otherwise', async () => {
    await signIn(panel, '/nodes/renamed-906.cluster.example.org');
    await page.getByText('The hostname differs from what the agent reports').waitFor();
    await page.getByText('The private IP differs from what the agent reports').waitFor();
    expect(await page.getByRole('main').innerText()).toContain('template-image.local');
  });

  it('of a node that never reported says so', async () => {
    await signIn(panel, '/nodes/new-903');
    await section('Machine').getByText('The agent has not reported yet.').waitFor();
    await section('Services').getByText('The agent watches no service.').waitFor();
    await section('Certificates').getByText('No certificate was signed for this node yet.').waitFor();
  });

  it('that is removed meanwhile says so and leads back', async () => {
    await signIn(panel, '/nodes/worker-001.cluster.example.org');
    await section('Machine').waitFor();
    panel.fake.world.nodes.shift();
    panel.fake.push(fakeEvent(131, { kind: 'node-removed' }));
    await page.getByText('There is no node').waitFor();
    await page.getByRole('link', { name: 'To the list of nodes' }).click();
    await page.getByRole('heading', { name: 'Nodes', level: 1 }).waitFor();
  });
});

describe('text that a node supplies', () => {
  it.each(['/nodes?name=hostile', '/nodes/hostile-904'])('is shown on %s and never run', async (path) => {
    await signIn(panel, path);
    await page.getByText('<script>window.hacked=true</script>').first().waitFor();
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(await page.getByRole('main').locator('script, img').count()).toBe(0);
  });
});

describe('the page of events', () => {
  it('loads older ones, and new ones come on top', async () => {
    await signIn(panel, '/events');
    const rows = page.getByRole('grid', { name: 'Events' }).getByRole('row');
    await rows.nth(50).waitFor();
    const older = page.getByRole('button', { name: 'Load older events' });
    await older.click();
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(101);
    await older.click();
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(131);
    await older.waitFor({ state: 'detached' });
    panel.fake.push(fakeEvent(131, { message: 'the newest of all' }));
    await rows.nth(1).getByText('the newest of all').waitFor();
    expect(await rows.count()).toBe(132);
  });
});

it('an address that leads nowhere says so', async () => {
  await signIn(panel, '/nowhere');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
});
