import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';

const lab = openLab({ name: `cluster-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3'];

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  cluster.setVariables('muster_watch=ssh.service,cron.service');
});

afterAll(() => lab.down());

/** The tests stand in the order of a cluster's life and build on each other. */
describe('a cluster made by muster apply', () => {
  it('answers to ping before anything is installed', async () => {
    const seen = await cluster.operator('ping', '--sudo');
    expect(seen.stdout).toMatch(/3 of 3 hosts answered in/u);
    expect(seen.code).toBe(0);
  });

  it('fails the ping of hosts whose keys nobody vouched for, without a person to ask', async () => {
    const seen = await cluster.operator('ping', '--known-hosts', '/nonexistent/known_hosts');
    expect(seen.code).toBe(1);
    expect(seen.stdout).toContain('the host key is not known');
    expect(seen.stdout).toContain('0 of 3 hosts answered');
  });

  it('says in a dry run what would change, and changes nothing', async () => {
    const before = await Promise.all(names.map((name) => cluster.snapshot(name)));
    const { code, finished, events } = await cluster.applyJson('--dry-run');
    expect({ code, ...finished }).toMatchObject({ code: 0, hosts: 3, changed: 0, wouldChange: 3, failed: 0 });
    const told = events.filter((event) => event['status'] === 'would-change').flatMap((event) => event['changes'] as { what: string }[]);
    expect(told.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['start muster.service', 'add the node node2', 'enrol the agent with a fresh token']),
    );
    expect(await Promise.all(names.map((name) => cluster.snapshot(name)))).toEqual(before);
  });

  it('names the ports that a firewall closes between hosts, with both ends, and the program that holds one', async () => {
    const rule = (name: string, text: string) =>
      cluster.on(
        name,
        `nft add table inet t; nft add chain inet t in '{ type filter hook input priority 0; }'; nft add rule inet t in ${text}`,
      );
    await rule('node1', 'ip saddr 10.77.1.2 tcp dport 6817 drop');
    await rule('node3', 'ip saddr 10.77.1.2 tcp dport 6818 reject with tcp reset');
    await cluster.on(
      'node3',
      "systemd-run --quiet --unit=squatter python3 -m http.server 6818 || systemd-run --quiet --unit=squatter perl -MSocket -e 'socket(S,AF_INET,SOCK_STREAM,0);bind(S,sockaddr_in(6818,INADDR_ANY))||die;listen(S,5);sleep 600'",
    );
    const { code, finished } = await cluster.applyJson('--dry-run', '-e', 'install_slurm=yes', '-e', 'muster_packages=/nonexistent');
    for (const name of ['node1', 'node3']) await cluster.on(name, 'nft delete table inet t');
    await cluster.on('node3', 'systemctl stop squatter');
    const messages = new Map((finished['failures'] as { host: string; message: string }[]).map(({ host, message }) => [host, message]));
    expect([code, [...messages.keys()].toSorted()]).toEqual([1, ['node2', 'node3']]);
    expect(messages.get('node2')).toContain('node2 -> node1 tcp/6817: no answer (dropped?) (ports-reachable)');
    expect(messages.get('node2')).toContain('node2 -> node3 tcp/6818: refused (ports-reachable)');
    expect(messages.get('node3')).toMatch(/its port tcp\/6818 is held by .* of squatter\.service\) on 0\.0\.0\.0 \(ports-free\)/u);
  });

  it('makes three certified, healthy, watched nodes of three bare hosts', async () => {
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 3, failed: 0, failures: [] });
    const nodes = await cluster.nodes();
    expect([...nodes.keys()]).toEqual(names);
    for (const node of nodes.values()) {
      expect(node).toMatchObject({ registration: 'registered', connected: true, health: { state: 'good', reasons: [] } });
      expect(node.certificateSerial).toMatch(/^[0-9a-f]{32}$/u);
    }
  });

  it('gives each node a certificate that openssl accepts', async () => {
    const chain = '/var/lib/muster-agent/identity/current';
    const seen = await cluster.on(
      'node2',
      `cd ${chain} && openssl verify -CAfile root.pem -untrusted chain.pem chain.pem && openssl x509 -in chain.pem -noout -ext subjectAltName`,
    );
    expect(seen).toContain('chain.pem: OK');
    expect(seen).toMatch(/URI:urn:muster:node:[0-9a-f-]{36}/u);
    expect(seen).toContain('DNS:node2');
    expect(seen).toContain('IP Address:10.77.');
  });

  it('changes nothing in a second run and restarts nothing', async () => {
    const state = async () => [
      await Promise.all(names.map((name) => cluster.snapshot(name))),
      await Promise.all(names.map((name) => cluster.startTimes(name))),
    ];
    // An agent that is new writes down that the server knows of its certificate, a moment after the first apply has ended.
    const settled = (name: string) => cluster.on(name, 'grep -c \'"settled": true\' /var/lib/muster-agent/adoption.json || true');
    for (const name of names) await expect.poll(() => settled(name), { timeout: 30_000, interval: 500 }).toBe('1');
    const before = await state();
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect(await state()).toEqual(before);
  });

  it('keeps off a host that another run works on, says whose it is, and does the others', async () => {
    const holder = 'ada@desk, muster apply since 2026-01-01T00:00:00Z, process 7';
    // Something that nobody but a run puts right: an agent that is only stopped is soon started by the liveness monitor.
    await cluster.on('node2', 'systemctl disable muster-agent');
    await cluster.on(
      'node3',
      `echo '${holder}' > /run/muster-run.lock.holder; systemd-run --quiet --unit=holder flock /run/muster-run.lock sleep 600`,
    );
    const held = await cluster.applyJson();
    expect({ code: held.code, ...held.finished }).toMatchObject({ code: 1, changed: 1, failed: 1 });
    expect(JSON.stringify(held.finished)).toContain(`node3 is being worked on by another run: ${holder}`);
    await cluster.on('node3', 'systemctl stop holder');
    const free = await cluster.applyJson();
    expect({ code: free.code, ...free.finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
  });

  it('brings an agent back that was killed', async () => {
    const pid = await cluster.on('node2', 'systemctl show -p MainPID --value muster-agent');
    await cluster.on('node2', `kill -9 ${pid}`);
    const seen = async () => [
      (await cluster.on('node2', 'systemctl show -p MainPID --value muster-agent')) === pid,
      (await cluster.nodes()).get('node2'),
    ];
    await expect.poll(seen, { timeout: 30_000, interval: 500 }).toMatchObject([false, { connected: true, health: { state: 'good' } }]);
  });

  it('finds a node bad whose agent is stopped, with its services unknown, and good when it is back', async () => {
    await cluster.on('node2', 'systemctl stop muster-agent');
    const silent = await cluster.until('node2', 'bad');
    expect(silent.health.reasons).toMatchObject([{ code: 'not-heard' }]);
    expect(silent.connected).toBe(false);
    await cluster.on('node2', 'systemctl start muster-agent');
    await cluster.until('node2', 'good');
  });

  it('finds a node bad whose network is cut without a word', async () => {
    await lab.cut('node3', { silent: true });
    const silent = await cluster.until('node3', 'bad');
    expect(silent.health.reasons).toMatchObject([{ code: 'not-heard' }]);
    expect((await cluster.nodes()).get('node2')?.health.state).toBe('good');
    await lab.heal('node3');
    await cluster.until('node3', 'good', 90);
  });

  it('finds a node degraded while a watched service is stopped, and names it', async () => {
    await cluster.on('node3', 'systemctl stop cron');
    const degraded = await cluster.until('node3', 'degraded');
    expect(degraded.health.reasons).toMatchObject([{ code: 'service-not-running', unit: 'cron.service' }]);
    await cluster.on('node3', 'systemctl start cron');
    await cluster.until('node3', 'good');
  });

  it('has a node back after a reboot', async () => {
    const before = await cluster.on('node2', 'cat /proc/sys/kernel/random/boot_id');
    await lab.reboot('node2');
    await expect
      .poll(async () => (await cluster.nodes()).get('node2'), { timeout: 60_000, interval: 500 })
      .toMatchObject({ connected: true, health: { state: 'good' } });
    expect(await cluster.on('node2', 'cat /proc/sys/kernel/random/boot_id')).not.toBe(before);
  });

  it('declares no node bad because the server was restarted, by order or by kill -9', async () => {
    const lastEvent = JSON.parse(await cluster.muster('events', '--limit', '1', '-o', 'json')) as { id: number }[];
    await cluster.on('node1', 'systemctl restart muster');
    await expect
      .poll(async () => [...(await cluster.nodes().catch(() => new Map())).values()].filter((node) => node.connected).length, {
        timeout: 60_000,
        interval: 500,
      })
      .toBe(3);
    await cluster.on('node1', 'systemctl kill -s KILL muster');
    await expect
      .poll(async () => [...(await cluster.nodes().catch(() => new Map())).values()].filter((node) => node.connected).length, {
        timeout: 60_000,
        interval: 500,
      })
      .toBe(3);
    const events = JSON.parse(await cluster.muster('events', '--limit', '500', '-o', 'json')) as {
      id: number;
      kind: string;
      message: string;
      data: { to?: string };
    }[];
    const turnedBad = events.filter(
      (event) => event.id > (lastEvent[0]?.id ?? 0) && event.kind === 'node-health' && event.data.to === 'bad',
    );
    expect(turnedBad.map((event) => event.message)).toEqual([]);
    for (const name of names) expect((await cluster.nodes()).get(name)?.health.state).toBe('good');
  });

  it('goes on with the other hosts when one is dead, and names it with phase and reason', async () => {
    await lab.kill('node3');
    const { code, finished } = await cluster.applyJson('--timeout', '5');
    expect({ code, ...finished }).toMatchObject({ code: 1, hosts: 3, failed: 1, failures: [{ host: 'node3', phase: 'connect' }] });
    await lab.start('node3');
    await cluster.until('node3', 'good', 90);
  });

  it('makes whole what was half installed', async () => {
    await cluster.on(
      'node3',
      'systemctl stop muster-agent; rm -rf /opt/muster-agent /opt/muster-agent-releases/* /etc/muster/agent.json /var/lib/muster-agent',
    );
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 1, failed: 0 });
    expect((await cluster.nodes()).get('node3')?.health.state).toBe('good');
  });

  it('refuses a node that was removed, and closes its connection', async () => {
    await cluster.muster('node', 'remove', 'node3');
    await expect
      .poll(() => cluster.on('node3', 'journalctl -u muster-agent -n 20 -o cat --no-pager'), { timeout: 30_000, interval: 500 })
      .toMatch(/refused|removed|revoked/iu);
    expect([...(await cluster.nodes()).keys()]).toEqual(['node1', 'node2']);
    const { finished } = await cluster.applyJson();
    expect(finished).toMatchObject({ failed: 0 });
    expect((await cluster.nodes()).get('node3')?.health.state).toBe('good');
  });

  it('names a node that left the inventory, removes it only when that is asked for, and keeps the runs', async () => {
    const inventory = readFileSync(lab.inventoryPath, 'utf8');
    writeFileSync(lab.inventoryPath, inventory.replaceAll(/^node3 .*\n/gmu, ''));
    const named = await cluster.applyJson('--dry-run');
    expect({ code: named.code, ...named.finished }).toMatchObject({ code: 0, hosts: 2, missing: ['node3'], removed: [] });
    expect([...(await cluster.nodes()).keys()]).toEqual(names);
    const removed = await cluster.applyJson('--remove-missing', '--yes');
    expect({ code: removed.code, ...removed.finished }).toMatchObject({ code: 0, changed: 0, missing: [], removed: ['node3'] });
    expect([...(await cluster.nodes()).keys()]).toEqual(['node1', 'node2']);
    const [latest] = JSON.parse(await cluster.muster('runs', '--server', '-o', 'json')) as { id: string }[];
    expect(latest).toMatchObject({ command: 'apply', state: 'done', counts: { hosts: 2, unchanged: 2 } });
    expect(JSON.parse(await cluster.muster('runs', '--server', latest?.id ?? '', '-o', 'json'))).toMatchObject({
      hosts: [
        { name: 'node1', status: 'unchanged' },
        { name: 'node2', status: 'unchanged' },
      ],
    });
    writeFileSync(lab.inventoryPath, inventory);
  });

  it('is worked on by the server itself, with its own key, on hosts that were given to it and on no others', async () => {
    const given = await cluster.applyJson('-e', 'muster_control=full', '--limit', 'node1,node2');
    expect({ code: given.code, ...given.finished }).toMatchObject({ code: 0, hosts: 2, changed: 2 });
    const addressOf = (name: string) => new RegExp(`^${name} ansible_host=(\\S+)`, 'mu').exec(readFileSync(lab.inventoryPath, 'utf8'))?.[1];
    const variables = (name: string) => ({ ansible_host: addressOf(name), my_iface: 'eth0', ansible_user: 'nobody-here' });
    const document = {
      all: {
        hosts: {
          node1: variables('node1'),
          node2: { ...variables('node2'), host_files: [{ path: '/etc/made-by-run', content: 'made\n' }] },
          node4: variables('node3'),
        },
        children: { driver: { hosts: { node1: {} } }, worker: { hosts: { node2: {}, node4: {} } } },
        vars: { muster_control: 'full', muster_watch: 'ssh.service,cron.service' },
      },
    };
    await cluster.on('node1', `cat > /root/lab.yml <<'end'\n${JSON.stringify(document)}\nend\nmuster inventory save lab -i /root/lab.yml`);
    const start = (...options: string[]) => cluster.muster('runs', 'start', '--inventory', 'lab', '--follow', '-o', 'json', ...options);
    await expect(start()).rejects.toThrow(/node4: the server has no way to it: set muster_control=full for it/u);
    const only = ['--limit', 'node[1-2]'];
    expect(JSON.parse(await start(...only, '--dry-run'))).toMatchObject({ state: 'done', counts: { wouldChange: 1, unchanged: 1 } });
    expect(JSON.parse(await start(...only))).toMatchObject({
      state: 'done',
      by: 'local administrator',
      hosts: [
        { name: 'node1', status: 'unchanged' },
        { name: 'node2', status: 'changed' },
      ],
    });
    expect(await cluster.on('node2', 'cat /etc/made-by-run')).toBe('made');
    expect(JSON.parse(await start(...only))).toMatchObject({ state: 'done', counts: { unchanged: 2, changed: 0 } });
    expect(await cluster.on('node1', 'ls /var/lib/muster/runs')).toBe('');
    const narrowed = await cluster.applyJson('--limit', 'node1,node2');
    expect({ code: narrowed.code, ...narrowed.finished }).toMatchObject({ code: 0, changed: 2 });
    await expect(start(...only)).rejects.toThrow(/node2: the server may only start and stop its agent/u);
    expect(await cluster.on('node2', 'grep -c "NOPASSWD: ALL" /etc/sudoers.d/muster-control || true')).toBe('0');
  });

  it('keeps secrets to itself: no token and no key in process lists, logs, or files that others may read', async () => {
    const inventory = readFileSync(lab.inventoryPath, 'utf8');
    expect(inventory).not.toContain('muster1.');
    for (const name of names) {
      expect(await cluster.on(name, "journalctl --no-pager -o cat | grep -c 'muster1\\.' || true")).toBe('0');
      // The published key is for the members of a group, and nobody is one until an administrator says so.
      const readable = (where: string, mode: string) =>
        cluster.on(name, `find ${where} -name '*key*' -type f -perm ${mode} 2>/dev/null || true`);
      expect(await readable('/var/lib/muster-agent /var/lib/muster', '/077')).toBe('');
      expect(await readable('/etc/muster', '/037')).toBe('');
      expect(await cluster.on(name, 'getent group "$(stat -c %G /etc/muster/pki)" | cut -d: -f4')).toBe('');
    }
  });

  it('makes account, key and sudoers file on a host that has only a password', async () => {
    await cluster.on(
      'node3',
      "useradd --create-home --groups sudo bare; echo bare:first-word | chpasswd; printf 'PasswordAuthentication yes\\n' > /etc/ssh/sshd_config.d/00-password.conf; systemctl reload ssh",
    );
    // The account that the inventory names is there; another one is to be made beside it.
    const newcomer = ['--limit', 'node3', '-e', '{"ansible_user": "newcomer"}', '-o', 'json'];
    const withPassword = [...newcomer, '--as', 'bare', '--password-file', '-'];
    const prepare = (words: string[], input = '') => lab.exec(cluster.argv('host prepare', words), { timeoutSeconds: 180, input });
    const refused = await prepare(withPassword, 'wrong\n');
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('login as bare was refused')]);
    const made = await prepare(withPassword, 'first-word\n');
    expect([made.code, JSON.parse(made.stdout)]).toMatchObject([0, [{ host: 'node3', user: 'newcomer', changes: { length: 3 } }]]);
    const again = await prepare(newcomer);
    expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, [{ host: 'node3', changes: [] }]]);
  });
});
