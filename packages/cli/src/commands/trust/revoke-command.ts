import { type Client, RevocationReason, type RevokedCertificates } from '@muster/api';
import { type Command, Option } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import { requireYes } from '../../ssh/require-yes.ts';

type Options = { serial?: string; reason: RevocationReason; yes?: boolean; output: Format };
type Of = { node: string } | { serial: string };

/** `muster certificate revoke`: one certificate, or all of a node, after a yes. */
export function addRevokeCommand(certificate: Command): void {
  certificate
    .command('revoke')
    .argument('[node]', 'name or id of the node whose certificates end, all of them')
    .description('refuse certificates from now on and close their connections; it cannot be taken back')
    .option('--serial <serial>', 'only the certificate with this serial, as "muster certificates" shows it')
    .addOption(
      new Option('--reason <reason>', 'why, as the revocation list says it').choices(RevocationReason.options).default('unspecified'),
    )
    .option('--yes', 'do not ask')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
A node without any certificate that counts is no longer registered; "muster node token NAME" lets it enrol again.

Examples:
  muster certificate revoke web1 --reason key-compromise
  muster certificate revoke --serial 5f0c9d2e --reason superseded --yes`,
    )
    .action(async (node: string | undefined, { serial, reason, yes, output }: Options, command: Command) => {
      const client = serverClient(command);
      const of = ofWhat(node, serial);
      if (yes !== true) await requireYes(await questionOf(client, of), 'Nothing was revoked.');
      const revoked = await client.revokeCertificates({ body: { of, reason } });
      printOne(output, revoked, () => (output === 'name' ? revoked.serials.map((one) => `${one}\n`).join('') : sentence(revoked)));
    });
}

function ofWhat(node: string | undefined, serial: string | undefined): Of {
  if ((node === undefined) === (serial === undefined)) throw new CliError('Name a node or --serial: one of them.', 2);
  if (serial === undefined) return { node: node ?? '' };
  if (!/^[0-9a-f]{1,40}$/u.test(serial))
    throw new CliError(`"${serial}" is not a serial: it is hexadecimal, in small letters. List them: muster certificates.`, 2);
  return { serial };
}

/** A node that is not there is told before anybody is asked. */
async function questionOf(client: Client, of: Of): Promise<string> {
  if ('serial' in of) return `Revoke the certificate ${of.serial}?`;
  const { name } = await client.getNode({ params: { node: of.node } });
  return `Revoke all certificates of ${printable(name)}? It is cut off at once, and needs a new join token to come back.`;
}

function sentence({ nodeName, serials }: RevokedCertificates): string {
  const name = printable(nodeName);
  if (serials.length === 0) return `Nothing was left to revoke of ${name}.\n`;
  return `Revoked ${serials.join(', ')} of ${name}.\n`;
}
