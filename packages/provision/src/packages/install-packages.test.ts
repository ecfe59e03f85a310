import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptRoot } from '../../test/script-root.ts';
import { installPackagesScript, replacedNote } from './install-packages.ts';

const notes = '/var/lib/muster-provision/packages';

let root: ScriptRoot;
beforeEach(() => {
  root = new ScriptRoot();
  for (const name of ['dpkg', 'getent', 'comm']) root.program(name, 'exit 0');
});
afterEach(() => root.remove());

/** An apt that plans so and installs so; what it was asked to install is in /run/installed. */
const apt = (plan: string, install = 'exit 0') =>
  root.program(
    'apt-get',
    `case "$*" in
  *--simulate*) printf '%s' '${plan}' ;;
  *--yes*) printf '%s\\n' "$*" >> /run/installed; ${install} ;;
esac`,
  );
const install = () => root.run(installPackagesScript(['docker-ce'], false));

describe('an installation', () => {
  it('notes what is new, and no upgrade', async () => {
    apt('Inst docker-ce (5:27 mirror [amd64])\nInst libc6 [2.36] (2.37 mirror [amd64])\nConf docker-ce (5:27 mirror [amd64])\n');
    expect(await install()).toMatchObject({ code: 0, stderr: '' });
    expect(root.read(notes)).toBe('docker-ce\n');
    expect(root.has('/run/installed')).toBe(true);
  });

  it("that would remove somebody else's packages is refused, with nothing noted", async () => {
    apt('Remv runc [1.1]\nRemv containerd [1.6] [docker.io:amd64 ]\nInst docker-ce (5:27 mirror [amd64])\n');
    const { code, stderr } = await install();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /would remove packages that no run has brought, and was not begun: runc containerd \. Remove them there yourself/u,
    );
    expect([root.has('/run/installed'), root.has(notes)]).toEqual([false, false]);
  });

  it('may replace what a run has brought', async () => {
    root.write(notes, 'docker.io\nruncible\n');
    apt('Remv docker.io [20.10]\nInst docker-ce (5:27 mirror [amd64])\n');
    expect(await install()).toMatchObject({ code: 0, stderr: '' });
    expect(root.read(notes)).toBe('docker.io\nruncible\ndocker-ce\n');
  });

  it('takes away what may go for it, and notes that it is to come back', async () => {
    apt('Remv systemd-timesyncd [252]\nInst chrony (4.3 mirror [amd64])\n');
    const replacing = (replaced: readonly string[]) => root.run(installPackagesScript(['chrony'], false, replaced));
    expect(await replacing(['ntpsec'])).toMatchObject({ code: 1 });
    expect(root.has(replacedNote)).toBe(false);
    for (let times = 0; times < 2; times++) expect(await replacing(['systemd-timesyncd'])).toMatchObject({ code: 0, stderr: '' });
    expect(root.read(replacedNote)).toBe('systemd-timesyncd\n');
  });

  it('that fails forgets what has not come, and keeps what has come half', async () => {
    root.write(notes, 'munge\n');
    root.packages({ 'containerd.io': 'half-installed' });
    apt('Inst containerd.io (1 mirror [amd64])\nInst docker-ce (5:27 mirror [amd64])\n', 'echo "E: no space"; exit 100');
    expect(await install()).toMatchObject({ code: 1, stderr: 'E: no space\n' });
    expect(root.read(notes)).toBe('munge\ncontainerd.io\n');
  });
});
