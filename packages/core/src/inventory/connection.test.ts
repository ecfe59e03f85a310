import { describe, expect, it } from 'vitest';
import { failureOf, inventoryOf } from '../../test/inventory-fixtures.ts';

const connect = (variables: string, host = 'h1') => inventoryOf(`${host} ${variables}`).connectionOf(host);

describe('connectionOf', () => {
  it('says no more than the inventory does', () => {
    expect(connect('')).toEqual({ host: 'h1', address: 'h1' });
  });

  it('reads the sample of the guide', () => {
    const line = "ansible_ssh_user=vagrant ansible_ssh_host=127.0.0.1 ansible_ssh_port=2201 ansible_ssh_private_key_file='~/.ssh/id_rsa'";
    expect(connect(line)).toEqual({
      host: 'h1',
      address: '127.0.0.1',
      port: 2201,
      user: 'vagrant',
      privateKeyFile: '~/.ssh/id_rsa',
    });
  });

  it.each([
    ['address', 'ansible_host=a ansible_ssh_host=b', 'b'],
    ['address', 'ansible_ssh_host=b ansible_host=a', 'b'],
    ['port', 'ansible_port=1 ansible_ssh_port=2', 2],
    ['user', 'ansible_ssh_user=b ansible_user=a', 'b'],
    ['privateKeyFile', 'ansible_private_key_file=a ansible_ssh_private_key_file=b', 'b'],
    ['password', 'ansible_password=a ansible_ssh_pass=b', 'b'],
    ['password', 'ansible_password=a ansible_ssh_pass=b ansible_ssh_password=c', 'c'],
    ['becomeUser', 'ansible_become_user=a ansible_sudo_user=b', 'b'],
    ['becomePassword', 'ansible_become_password=a ansible_become_pass=b', 'b'],
    ['becomePassword', 'ansible_sudo_pass=c ansible_become_pass=b', 'c'],
    ['isHostKeyChecked', 'ansible_host_key_checking=yes ansible_ssh_host_key_checking=no', false],
  ] as const)('%s: %s', (field, variables, expected) => {
    expect(connect(variables)[field]).toBe(expected);
  });

  it('passes over a legacy name without a value', () => {
    expect(connect('ansible_host=a ansible_ssh_host=None').address).toBe('a');
  });

  it('takes a port from host:port', () => {
    expect(inventoryOf('h1:2222').connectionOf('h1').port).toBe(2222);
  });

  it.each([
    ['True', true],
    ['yes', true],
    ['1', true],
    ['1.0', true],
    ['on', true],
    ['False', false],
    ['no', false],
    ['0', false],
  ])('become=%s', (word, expected) => {
    expect(connect(`ansible_become=${word}`).become).toBe(expected);
  });

  it('keeps what a password looks like', () => {
    expect(connect('ansible_sudo_pass=12345').becomePassword).toBe('12345');
    expect(connect('ansible_sudo_pass=007').becomePassword).toBe('007');
    expect(connect('ansible_sudo_pass=1.0').becomePassword).toBe('1.0');
    expect(connect('ansible_sudo_pass=').becomePassword).toBeUndefined();
    expect(connect('ansible_sudo_pass=12345678901234567890').becomePassword).toBe('12345678901234567890');
  });

  it('hands over options of the OpenSSH client in their order', () => {
    const variables = "ansible_ssh_extra_args='-C' ansible_ssh_common_args='-o ProxyJump=a' ansible_ssh_timeout=5 ansible_connection=ssh";
    expect(connect(variables)).toMatchObject({
      sshArguments: ['-o ProxyJump=a', '-C'],
      connectTimeoutSeconds: 5,
      connection: 'ssh',
    });
  });

  it.each([
    ['ansible_port=0', 'ansible_port is not a port from 1 to 65535'],
    ['ansible_ssh_port=65536', 'ansible_ssh_port is not a port from 1 to 65535'],
    ['ansible_port=', 'ansible_port is not a port from 1 to 65535'],
    ['ansible_port=ssh', 'ansible_port is not a port from 1 to 65535'],
    ['ansible_host=', 'ansible_host is empty'],
    ['ansible_host=[]', 'ansible_host is a list or a map, and must be text'],
    ["ansible_become_pass='{{ vault_pass }}'", 'ansible_become_pass is a template, and templates are not evaluated'],
    ['ansible_become=maybe', 'ansible_become is neither true nor false'],
    ['ansible_ssh_timeout=soon', 'ansible_ssh_timeout is not a number of seconds'],
  ])('refuses %s', (variables, problem) => {
    const error = failureOf(() => connect(variables));
    expect(error.problem).toBe(`host h1: ${problem}`);
    expect(error.advice).toContain('host_vars');
  });

  it('refuses an encrypted password without showing it, and takes unsafe text as it is', () => {
    const beside = { 'host_vars/h1.yml': 'ansible_become_pass: !vault |\n  $ANSIBLE_VAULT;1.1\n  hunter2\n' };
    const error = failureOf(() => inventoryOf('h1', beside).connectionOf('h1'));
    expect(error.problem).toContain('ansible_become_pass is encrypted with ansible-vault');
    expect(error.message).not.toContain('hunter2');
    const unsafe = { 'host_vars/h1.yml': "ansible_become_pass: !unsafe 'a{{b'\n" };
    expect(inventoryOf('h1', unsafe).connectionOf('h1').becomePassword).toBe('a{{b');
  });
});
