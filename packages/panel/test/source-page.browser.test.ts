import { describe, expect, it } from 'vitest';
import { withPanel } from './with-panel.ts';

/*
 * What the administration of nodes promises, action by action, done as a person does it: by role and label. Each test names the
 * sentence that it keeps.
 */

const panel = withPanel();
const { open, button, dialog } = panel;
const name = (number: number) => `worker-${String(number).padStart(3, '0')}.cluster.example.org`;
const row = (node: string) =>
  panel.page
    .getByRole('grid', { name: 'Nodes' })
    .getByRole('row')
    .filter({ has: panel.page.getByRole('link', { name: node, exact: true }) });
const cell = (node: string, title: string) => row(node).locator(`[data-label="${title}"]`);
const select = async (...numbers: number[]) => {
  for (const number of numbers) await panel.page.getByRole('checkbox', { name: `Select ${name(number)}` }).check();
};
const lastOperation = () => panel.world.operations.at(-1);

describe('an overview of all the nodes in the cluster', () => {
  it('shows hostname, addresses, credential, registration, environments, health, heartbeat, cores, memory, GPUs', async () => {
    await open('/nodes?name=worker-012');
    await row(name(12)).waitFor();
    const text = async (title: string) => (await cell(name(12), title).innerText()).replaceAll(/\s+/gu, ' ').trim();
    expect(await text('Hostname')).toContain('worker-012');
    expect(await text('Public IP')).toBe('203.0.113.12');
    expect(await text('Private IP')).toBe('10.20.0.13');
    expect(await text('Credential')).toMatch(/^3fa91c0c7c41 until \d+ \w+ \d{4}$/u);
    expect(await text('Last rotation')).toMatch(/\d{4}$/u);
    expect(await text('Registration')).toBe('Registered');
    expect(await text('Environments')).toBe('On');
    expect(await text('Health')).toBe('Good');
    expect(await text('Heartbeat')).toMatch(/^\d+ s ago$/u);
    expect(await text('Cores')).toBe('128');
    expect(await text('Memory')).toBe('1 TiB');
    expect(await text('GPUs')).toContain('8');
  });

  it('shows hostname and private IP with their source, and what the agent says otherwise', async () => {
    await open('/nodes?name=renamed');
    const node = 'renamed-906.cluster.example.org';
    await cell(node, 'Hostname').getByText('reports template-image.local').waitFor();
    await cell(node, 'Private IP').getByText('reports 10.99.0.1').waitFor();
    await panel.page.goto('/nodes?name=worker-912');
    await cell(name(912), 'Private IP').getByText('from the inventory').waitFor();
    await row(name(912)).getByTitle('from the inventory').first().waitFor();
  });

  it('shows the time elapsed since the last heartbeat, counting on by itself', async () => {
    await open('/nodes?name=worker-001');
    await cell(name(1), 'Heartbeat')
      .getByText(/^[1-4] s ago$/u)
      .waitFor();
    await cell(name(1), 'Heartbeat')
      .getByText(/^[5-9] s ago$/u)
      .waitFor();
  });

  it('says of bad health why, and of good health that all services run', async () => {
    await open('/nodes?health=bad,degraded&sort=name');
    await cell('gpu-901.cluster.example.org', 'Health').getByText('slurmd.service is failed (exit-code)').waitFor();
    await cell(name(902), 'Health').getByText('not heard for 12 min; the limit is 30 s').waitFor();
  });
});

describe('Add a new node', () => {
  it('takes hostname and private IP, and shows how the agent registers and the remaining services start', async () => {
    await open();
    await button('Add new node').click();
    await panel.page.getByRole('textbox', { name: 'Hostname' }).fill('brought.cluster.example.org');
    await panel.page.getByRole('textbox', { name: 'Private IP' }).fill('10.77.0.1');
    await button('Add node').click();
    const added = dialog('brought.cluster.example.org is added');
    const line = await added.getByRole('region', { name: 'One line' }).innerText();
    expect(line).toContain('muster-agent enroll');
    expect(line).toContain('--token-file -');
    await added.getByRole('tab', { name: 'systemd drop-in' }).click();
    expect(await added.getByRole('region', { name: 'systemd drop-in' }).innerText()).toContain('ExecStartPre');
    await added.getByRole('tab', { name: 'cloud-init' }).click();
    expect(await added.getByRole('region', { name: 'cloud-init' }).innerText()).toContain('#cloud-config');
    await added.getByRole('button', { name: 'Close', exact: true }).last().click();
    expect(panel.world.nodes.at(-1)?.node).toMatchObject({
      name: 'brought.cluster.example.org',
      privateIp: '10.77.0.1',
      registration: 'pending',
    });
  });

  it('refuses what is taken or no address, at its field and in the words of the server', async () => {
    await open();
    await button('Add new node').click();
    await button('Add node').click();
    await dialog().getByText('Enter the address by which the other machines reach it.').or(dialog().getByText(/name/iu)).first().waitFor();
    await panel.page.getByRole('textbox', { name: 'Hostname' }).fill(name(1));
    await panel.page.getByRole('textbox', { name: 'Private IP' }).fill('10.77.0.300');
    await dialog().getByText('Not an IPv4 or IPv6 address.').waitFor();
    await panel.page.getByRole('textbox', { name: 'Private IP' }).fill('10.77.0.3');
    await button('Add node').click();
    await dialog()
      .getByText(`There is a node "${name(1)}" already.`)
      .waitFor();
    await panel.page.getByRole('textbox', { name: 'Hostname' }).fill('other');
    await panel.page.getByRole('textbox', { name: 'Private IP' }).fill('10.20.0.2');
    await button('Add node').click();
    await dialog()
      .getByText(`The address 10.20.0.2 belongs to "${name(1)}".`)
      .waitFor();
  });
});

describe('Rotate host keys', () => {
  it('of the nodes that are selected, after asking', async () => {
    await open('/nodes?name=worker-0');
    await select(2, 3, 4);
    await button('Rotate host keys').click();
    await dialog('Rotate host keys').getByText('worker-[002-004].cluster.example.org').waitFor();
    await dialog().getByText('3 nodes').waitFor();
    await dialog().getByRole('button', { name: 'Rotate host keys' }).click();
    await panel.page.getByRole('link', { name: 'Watch it' }).waitFor();
    expect(lastOperation()).toMatchObject({ spec: { kind: 'rotate' }, range: 'worker-[002-004].cluster.example.org', total: 3 });
  });
});

describe('the lifecycle of the agent', () => {
  it.each([
    ['Restart agent', 'restart'],
    ['Start agent', 'start'],
    ['Stop agent', 'stop'],
  ])('%s of the nodes that are selected', async (text, action) => {
    await open('/nodes?name=worker-0');
    await select(1, 5);
    await button(text).click();
    await dialog(text).getByRole('button', { name: text }).click();
    await panel.page.getByRole('link', { name: 'Watch it' }).click();
    await panel.heading(`${action} agent`);
    expect(lastOperation()).toMatchObject({ spec: { kind: 'agent', action }, range: 'worker-[001,005].cluster.example.org' });
  });

  it('where SSH is not possible gives the line to run by hand', async () => {
    await open('/operations/20000000-0000-4000-8000-000000000003');
    await panel.page.getByText('connection refused at port 22').first().waitFor();
    expect(await panel.page.getByRole('region', { name: 'Line to run by hand' }).innerText()).toBe(
      `ssh ${name(2)} sudo systemctl restart muster-agent`,
    );
    await panel.page.goto(`/nodes/${name(902)}?tab=settings`);
    await button('Check now').click();
    await panel.page.getByText('SSH is not possible').waitFor();
    expect(await panel.page.getByRole('region', { name: 'Line to run by hand' }).innerText()).toBe(
      'sudo systemctl restart muster-agent.service',
    );
  });

  it('is watched by a monitor whose threshold in force is shown, and what it does shows at the nodes', async () => {
    await open('/status');
    await panel.page.getByText('40 s in force (40 s configured)').waitFor();
    await panel.page.getByRole('link', { name: '1', exact: true }).first().click();
    await cell(name(913), 'Heartbeat').getByText('Restarting').waitFor();
  });
});

describe('environments of a node', () => {
  it('are switched off and on for the nodes that are selected', async () => {
    await open('/nodes?name=worker-0');
    await select(2);
    await panel.choose('Environments', 'Environments off');
    await dialog('Environments off').getByRole('button', { name: 'Environments off' }).click();
    await cell(name(2), 'Environments').getByText('Off').waitFor();
    await panel.choose('Environments', 'Environments on');
    await dialog('Environments on').getByRole('button', { name: 'Environments on' }).click();
    await cell(name(2), 'Environments').getByText('On').waitFor();
  });

  it('that missed something are shown as out of sync, with the difference, and brought level', async () => {
    await open('/nodes?name=worker-003');
    await cell(name(3), 'Environments').getByText('Out of sync').waitFor();
    await row(name(3)).getByTitle('ml-training: version 2 instead of 3').waitFor();
    await select(3);
    await panel.choose('Environments', 'Sync environments');
    await dialog('Sync environments').getByRole('button', { name: 'Sync environments' }).click();
    await panel.page.getByText('Syncing environments on 1 node').waitFor();
    await cell(name(3), 'Environments').getByText('Out of sync').waitFor({ state: 'detached' });
  });
});
