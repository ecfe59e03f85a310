import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../src/run-command.ts';

/**
 * STAND-INS for the packages of NVIDIA, because no lab host has a card: `nvidia-driver-stand-in`, whose `nvidia-smi` answers only after a
 * reboot and says that it is a stand-in, with a persistence daemon that sleeps; and `nvidia-container-toolkit`, whose runtime is runc.
 */
export async function nvidiaStandIns(folder: string): Promise<void> {
  await makePackage(folder, 'nvidia-driver-stand-in', {
    '/usr/bin/nvidia-smi': `#!/bin/sh
# A stand-in: as the real one, it finds no driver until the machine was booted with it.
if [ "$(cat /var/lib/nvidia/installed-in)" = "$(cat /proc/sys/kernel/random/boot_id)" ]; then
  echo 'stand-in: could not communicate with the NVIDIA driver' >&2
  exit 9
fi
echo 'GPU 0: stand-in of an NVIDIA card (UUID: GPU-stand-in)'
`,
    '/lib/systemd/system/nvidia-persistenced.service': `[Unit]
Description=Stand-in of the NVIDIA persistence daemon
[Service]
User=nvidia-persistenced
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
`,
    '/DEBIAN/postinst': `#!/bin/sh
set -e
id nvidia-persistenced >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin nvidia-persistenced
mkdir -p /var/lib/nvidia
[ -e /var/lib/nvidia/installed-in ] || cat /proc/sys/kernel/random/boot_id > /var/lib/nvidia/installed-in
systemctl daemon-reload
`,
    '/DEBIAN/prerm': '#!/bin/sh\nsystemctl disable --now nvidia-persistenced.service 2>/dev/null || true\n',
  });
  await makePackage(folder, 'nvidia-container-toolkit', {
    '/usr/bin/nvidia-container-runtime': '#!/bin/sh\n# A stand-in of the runtime for cards.\nexec runc "$@"\n',
  });
}

async function makePackage(folder: string, name: string, files: Readonly<Record<string, string>>): Promise<void> {
  const root = join(folder, `${name}.root`);
  const control = `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: The lab <lab@example.invalid>\nDescription: stand-in for tests\n`;
  for (const [path, content] of Object.entries({ ...files, '/DEBIAN/control': control })) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, content.startsWith('#!') ? 0o755 : 0o644);
  }
  const made = await runCommand(['dpkg-deb', '--root-owner-group', '--build', root, join(folder, `${name}_1.0_all.deb`)], {
    timeoutSeconds: 60,
  });
  if (made.code !== 0) throw new Error(`the stand-in ${name} could not be built: ${made.stderr}`);
}
