import { loseServer, promotionLoss } from '../fake/fake-pool.ts';
import { runningRun } from '../fake/run-handlers.ts';
import { account, makeWorld } from '../fake/world.ts';
import type { OpenPanel } from './open-panel.ts';

/** One screen of the panel: where it is, in which world, and what has to be done there to see it. */
export type Shot = {
  name: string;
  path: string;
  world?: () => ReturnType<typeof makeWorld>;
  isSignedOut?: boolean;
  prepare?: (panel: OpenPanel) => Promise<void>;
};

async function selectThree({ page }: OpenPanel): Promise<void> {
  for (const number of ['001', '002', '003'])
    await page.getByRole('checkbox', { name: `Select worker-${number}.cluster.example.org` }).check();
}

/** Chooses an action: a button, in a menu of the bar, or in the one menu of a narrow screen. */
async function act({ page }: OpenPanel, name: string, menu?: string): Promise<void> {
  const actions = page.getByRole('button', { name: 'Actions', exact: true });
  if (await actions.isVisible()) {
    await actions.click();
    await page.getByRole('menuitem', { name }).click();
    return;
  }
  const bar = page.getByRole('toolbar', { name: 'Actions on the selected nodes' });
  if (menu === undefined) return bar.getByRole('button', { name, exact: true }).click();
  await bar.getByRole('button', { name: menu, exact: true }).click();
  await page.getByRole('menuitem', { name }).click();
}

/** A run that the server executes now. */
function withRun() {
  const world = makeWorld({ good: 12, isNasty: true });
  const hosts = world.nodes.slice(0, 12).map(({ node }) => node.name);
  world.runs.push(runningRun({ inventory: 'production', dryRun: false }, hosts));
  return world;
}

function withLostServer() {
  const world = makeWorld({ good: 12, isNasty: true });
  loseServer(world);
  return world;
}

function withWebhook() {
  const world = makeWorld({ good: 3, isNasty: false });
  const target = { kind: 'webhook', webhookId: '40000000-0000-4000-8000-000000000001', name: 'pager' } as const;
  world.webhooks.push({
    id: target.webhookId,
    name: 'pager',
    url: 'https://pager.example.org/hooks/muster',
    state: 'failing',
    failingSince: '2026-11-21T09:00:00.000Z',
    lastError: 'The answer was 502 Bad Gateway.',
    lastDeliveredAt: '2026-11-21T08:59:00.000Z',
    waiting: 12,
    createdAt: '2026-11-21T08:00:00.000Z',
    createdBy: 'Ada Admin',
  });
  world.subscriptions.push({
    id: '40000000-0000-4000-8000-000000000002',
    target,
    kinds: ['node-health', 'agent-needs-attention'],
    severity: 'error',
    groups: ['gpu'],
    range: null,
    own: false,
    createdAt: '2026-11-21T08:00:00.000Z',
    createdBy: 'Ada Admin',
  });
  return world;
}

function withBrake() {
  const world = makeWorld({ good: 60, isNasty: true });
  world.brake = {
    since: '2026-11-21T09:00:00.000Z',
    message: 'More than 30 % of the nodes are unheard at once: that is the network or this server, not their agents.',
    unheard: 25,
    watched: 64,
  };
  return world;
}

/** Every screen of the panel, with its dialogs. */
export const shots: readonly Shot[] = [
  { name: 'sign-in', path: '/sign-in', isSignedOut: true },
  { name: 'sign-in-used-link', path: '/sign-in#token=used', isSignedOut: true },
  { name: 'nodes', path: '/nodes?sort=health' },
  { name: 'nodes-filtered', path: '/nodes?name=worker&registration=registered&sort=-memoryBytes' },
  { name: 'nodes-none', path: '/nodes', world: () => makeWorld({ good: 0, isNasty: false }) },
  { name: 'nodes-bad-key', path: '/nodes?sort=colour' },
  { name: 'node', path: '/nodes/worker-004.cluster.example.org' },
  { name: 'node-degraded', path: '/nodes/gpu-901.cluster.example.org' },
  { name: 'node-unheard', path: '/nodes/worker-902.cluster.example.org' },
  { name: 'node-mismatch', path: '/nodes/renamed-906.cluster.example.org' },
  { name: 'node-hostile', path: '/nodes/hostile-904' },
  {
    name: 'node-console',
    path: '/nodes/worker-004.cluster.example.org?tab=console',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Open console' }).click();
      await page.getByText('You watch').waitFor();
    },
  },
  { name: 'node-console-none', path: '/nodes/new-903?tab=console' },
  { name: 'node-new', path: '/nodes/new-903' },
  { name: 'nodes-selected', path: '/nodes?name=worker-0', prepare: selectThree },
  {
    name: 'nodes-range-fault',
    path: '/nodes?range=worker-001.cluster.example.org,wroker',
    prepare: async ({ page }) => page.getByRole('alert').first().waitFor(),
  },
  {
    name: 'nodes-filters',
    path: '/nodes',
    prepare: async ({ page }) => page.getByRole('button', { name: 'Filters', exact: true }).click(),
  },
  {
    name: 'nodes-remove',
    path: '/nodes?name=worker-0',
    prepare: async (panel) => {
      await selectThree(panel);
      await act(panel, 'Remove');
    },
  },
  {
    name: 'nodes-exec',
    path: '/nodes?name=worker-0',
    prepare: async (panel) => {
      await selectThree(panel);
      await act(panel, 'Run command', 'Run');
      await panel.page.getByRole('textbox', { name: 'Command' }).fill('grep -c "out of memory" /var/log/kern.log');
    },
  },
  {
    name: 'nodes-maintenance',
    path: '/nodes?name=worker-0',
    prepare: async (panel) => {
      await selectThree(panel);
      await act(panel, 'Begin maintenance', 'Maintenance');
    },
  },
  {
    name: 'nodes-add',
    path: '/nodes',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Add new node' }).click();
      await page.getByRole('textbox', { name: 'Hostname' }).fill('worker-001.cluster.example.org');
      await page.getByRole('textbox', { name: 'Private IP' }).fill('10.20.300.1');
      await page.getByRole('button', { name: 'Add node', exact: true }).click();
    },
  },
  {
    name: 'nodes-added',
    path: '/nodes',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Add new node' }).click();
      await page.getByRole('textbox', { name: 'Hostname' }).fill('worker-999.cluster.example.org');
      await page.getByRole('textbox', { name: 'Private IP' }).fill('10.30.0.1');
      await page.getByRole('button', { name: 'Add node', exact: true }).click();
      await page.getByRole('tab', { name: 'cloud-init' }).click();
    },
  },
  { name: 'node-maintenance', path: '/nodes/worker-911.cluster.example.org' },
  {
    name: 'node-journal',
    path: '/nodes/worker-004.cluster.example.org',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Actions on slurmd.service' }).click();
      await page.getByRole('menuitem', { name: 'Journal' }).click();
      await page.getByRole('log').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'node-actions',
    path: '/nodes/worker-911.cluster.example.org',
    prepare: async ({ page }) => page.getByRole('button', { name: 'Actions', exact: true }).click(),
  },
  { name: 'node-tasks', path: '/nodes/worker-004.cluster.example.org?tab=tasks' },
  { name: 'node-environments', path: '/nodes/worker-005.cluster.example.org?tab=environments' },
  {
    name: 'node-settings',
    path: '/nodes/worker-902.cluster.example.org?tab=settings',
    prepare: async ({ page }) => page.getByRole('button', { name: 'Check now' }).click(),
  },
  { name: 'operations', path: '/operations' },
  { name: 'operation', path: '/operations/20000000-0000-4000-8000-000000000002' },
  { name: 'operation-ssh', path: '/operations/20000000-0000-4000-8000-000000000003' },
  { name: 'runs', path: '/runs' },
  {
    name: 'run-start',
    path: '/runs',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Start a run' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Inventory').selectOption('production');
      await dialog.getByText('12 hosts:').waitFor();
      await dialog.getByRole('button', { name: 'All phases' }).click();
    },
  },
  {
    name: 'run-start-refused',
    path: '/runs',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Start a run' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Inventory').selectOption('production');
      await dialog.getByLabel('Hosts').fill('all');
      await dialog.getByText('The server cannot work on').waitFor();
    },
  },
  {
    name: 'run-live',
    path: '/runs',
    world: withRun,
    prepare: async ({ page }) => {
      await page.getByRole('link', { name: 'muster apply -i production' }).click();
      await page.getByRole('button', { name: 'Cancel run' }).waitFor();
    },
  },
  { name: 'run', path: '/runs/30000000-0000-4000-8000-000000000001' },
  { name: 'environments', path: '/environments' },
  { name: 'environment', path: '/environments/ml-training' },
  {
    name: 'environment-create',
    path: '/environments',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Create environment' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Create environment' }).click();
    },
  },
  { name: 'figures', path: '/figures' },
  { name: 'people', path: '/people' },
  { name: 'people-invite', path: '/people', prepare: async ({ page }) => page.getByRole('button', { name: 'Invite somebody' }).click() },
  { name: 'account-page', path: '/account' },
  {
    name: 'two-factor',
    path: '/account',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Set up second factor' }).click();
      await page.getByLabel('Your password').fill(account.password);
      await page.getByRole('button', { name: 'Go on' }).click();
    },
  },
  {
    name: 'audit',
    path: '/audit',
    prepare: async ({ page }) => page.getByRole('button', { name: 'Show details of entry 122' }).click(),
  },
  { name: 'notifications', path: '/notifications', world: withWebhook },
  { name: 'authority', path: '/authority' },
  {
    name: 'authority-rotating',
    path: '/authority',
    world: () => ({ ...makeWorld({ good: 60, isNasty: true }), authorityPhase: 'agents' }),
  },
  { name: 'pool', path: '/pool' },
  { name: 'pool-unprotected', path: '/pool', world: withLostServer },
  {
    name: 'pool-menu',
    path: '/pool',
    prepare: async ({ page }) => page.getByRole('button', { name: 'Actions on driver2' }).click(),
  },
  {
    name: 'pool-promote-loses',
    path: '/pool',
    world: () => ({ ...makeWorld({ good: 12, isNasty: true }), promotionLoses: promotionLoss }),
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: 'Actions on driver2' }).click();
      await page.getByRole('menuitem', { name: 'Make it the primary' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Make it the primary' }).click();
    },
  },
  { name: 'pool-move', path: '/pool', prepare: async ({ page }) => page.getByRole('button', { name: 'Move nodes' }).click() },
  { name: 'status', path: '/status' },
  { name: 'brake', path: '/nodes', world: withBrake },
  { name: 'events', path: '/events' },
  { name: 'account', path: '/nodes', prepare: async ({ page }) => page.getByRole('button', { name: /^Account/u }).click() },
  {
    name: 'password',
    path: '/nodes',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: /^Account/u }).click();
      await page.getByRole('menuitem', { name: 'Change password' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
    },
  },
  {
    name: 'about',
    path: '/nodes',
    prepare: async ({ page }) => {
      await page.getByRole('button', { name: /^Account/u }).click();
      await page.getByRole('menuitem', { name: 'About Muster' }).click();
    },
  },
  {
    name: 'lost',
    path: '/nodes',
    prepare: async ({ page, fake }) => {
      await fake.stop();
      await page.getByText('The server cannot be reached').waitFor();
    },
  },
];
