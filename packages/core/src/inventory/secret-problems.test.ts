import { describe, expect, it } from 'vitest';
import { inventoryOf } from '../../test/inventory-fixtures.ts';
import { secretProblems } from './secret-problems.ts';

const folder = '/etc/muster/secrets';
const problems = (variables: string) => secretProblems(inventoryOf(`[web]\nweb1\nweb2\n[web:vars]\n${variables}\n`), folder);

describe('secrets in an inventory that is to be kept', () => {
  it.each([
    'k3s_token=hunter2',
    'ansible_become_password=hunter2',
    'my_pass=hunter2',
    'a_secret_of_mine=hunter2',
    'key_passphrase=hunter2',
    "k3s_token={{ lookup('env', 'TOKEN') }}",
    "k3s_token={{ lookup('pipe', 'pass show token') }}",
    "k3s_token={{ lookup('file', '/run/secrets/token') }}",
    "k3s_token={{ lookup('file', '/etc/muster/secrets/../../shadow') }}",
    "k3s_token={{ lookup('file', '/etc/muster/secrets-of-others/x') }}",
  ])('are refused with what to do: %s', (line) => {
    const [problem, second] = problems(line.replace(/=(.*)/u, (_all, value: string) => `=${JSON.stringify(value)}`));
    expect(second).toBeUndefined();
    expect(problem).toMatch(/^host web1: \S+ (?:holds a secret|is looked up where the server does not look): put it into a file below/u);
    expect(problem).not.toContain('hunter2');
  });

  it.each([
    `k3s_token="{{ lookup('file', '/etc/muster/secrets/k3s') }}"`,
    'token_file=/root/token',
    'secrets_dir=/etc/x',
    'k3s_token=',
    'passive=yes',
    'my_iface=eth0',
  ])('are none: %s', (line) => expect(problems(line)).toEqual([]));

  it('are encrypted values too, wherever they stand', () => {
    const beside = {
      'group_vars/web.yml': 'label: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3131\nlist: [{a: !vault "$ANSIBLE_VAULT;1.1;AES256\\n31"}]\n',
    };
    expect(secretProblems(inventoryOf('[web]\nweb1\n', beside), folder)).toEqual([
      'host web1: label is encrypted with ansible-vault, and the server has no password for it',
      'host web1: list is encrypted with ansible-vault, and the server has no password for it',
    ]);
  });
});

describe('files that a run of the server would read and give away', () => {
  it.each([
    'host_files=[{"path": "/tmp/x", "source": "/var/lib/muster/master.key", "mode": "0644"}]',
    'host_files=[{"path": "/tmp/x", "source": "key"}]',
    'host_files={"a": {"path": "/tmp/x", "source": "/etc/muster/secrets/../muster.yaml"}}',
    'apt_mirror_key=/etc/muster/muster.yaml',
    'docker_repo_key=key',
    'nvidia_repo_key=/etc/shadow',
    'jhub_config_path=/etc/muster/muster.yaml',
  ])('are refused: %s', (line) => {
    const at = line.indexOf('=');
    const variables = { 'group_vars/web.yml': `${line.slice(0, at)}: ${line.slice(at + 1)}\n` };
    const found = secretProblems(inventoryOf('[web]\nweb1\n', variables), folder);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^host web1: \S+ names \S+, a file of whoever runs apply: for runs of the server it has to lie below/u);
  });

  it.each([
    'host_files: [{path: /tmp/x, content: text}, {path: /tmp/y, source: /etc/muster/secrets/y}]',
    'apt_mirror_key: /etc/muster/secrets/mirror.asc',
    'apt_mirror_key: ""',
  ])('are none where they lie in its folder, or there is none: %s', (line) =>
    expect(secretProblems(inventoryOf('[web]\nweb1\n', { 'group_vars/web.yml': `${line}\n` }), folder)).toEqual([]),
  );
});
