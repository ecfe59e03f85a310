import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptRoot } from '../../test/script-root.ts';
import { noteBeforeDocker, removeDockerNetwork } from './before-docker.ts';

const after = ':INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:DOCKER - [0:0]\n-A FORWARD -o docker0 -j DOCKER\n';

let root: ScriptRoot;
beforeEach(() => {
  root = new ScriptRoot();
  for (const name of ['ip', 'sysctl']) root.program(name, 'exit 0');
});
afterEach(() => root.remove());

describe('the policy of FORWARD', () => {
  it.each([
    ['ACCEPT', 'ACCEPT'],
    ['DROP', 'ACCEPT'],
    ['ACCEPT', 'DROP'],
    ['DROP', 'DROP'],
  ])('of IPv4 (%s) and IPv6 (%s) becomes what it was', async (four, six) => {
    for (const [tool, policy] of Object.entries({ iptables: four, ip6tables: six })) {
      root.program(tool, `echo '-P FORWARD ${policy}'`);
      root.program(`${tool}-save`, `printf '%s' '${after}'`);
      root.program(`${tool}-restore`, `cat > /run/${tool}`);
    }
    expect(await root.run(`set -eu\n${noteBeforeDocker}`)).toMatchObject({ code: 0, stderr: '' });
    expect(await root.run(`set -eu\n${removeDockerNetwork}`)).toMatchObject({ code: 0, stderr: '' });
    expect(root.read('/run/iptables')).toBe(`:INPUT ACCEPT [0:0]\n:FORWARD ${four} [0:0]\n`);
    expect(root.read('/run/ip6tables')).toBe(`:INPUT ACCEPT [0:0]\n:FORWARD ${six} [0:0]\n`);
  });
});
