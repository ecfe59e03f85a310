import { type Certificate, CertificateState, type CertificateQuery, type Client, maxRangeInQuery } from '@muster/api';
import { type Command, Option } from 'commander';
import { serverClient } from '../../client/server-client.ts';
import { type Format, formatOption, printList } from '../../output/format.ts';
import { durationOption } from '../../output/options.ts';
import { GivenRange } from '../../range/given-range.ts';
import { certificateColumns, wideCertificateColumns } from './certificate-columns.ts';

/** Of a certificate with less of its life left the renewal, which is due at a third, has not taken place: the server warns of it too. */
const nearEndShare = 0.2;

const orders = {
  expiry: (a: Certificate, b: Certificate): number => Date.parse(a.notAfter) - Date.parse(b.notAfter),
  life: (a: Certificate, b: Certificate): number => a.lifeLeft - b.lifeLeft,
  /** As the server gives them. */
  name: (): number => 0,
};
type Order = keyof typeof orders;

type Options = { output: Format; state?: CertificateState; expiring?: boolean; within?: number; sort: Order };

/** `muster certificates [RANGE]`: the certificates of nodes, the one that ends first on top. */
export function addCertificatesCommand(program: Command): void {
  program
    .command('certificates')
    .argument('[range]', 'only those of these nodes, such as "rack1,-node07"')
    .description('list the certificates of nodes, the one that expires first on top')
    .option('--expiring', 'only those near their end: less than a fifth of their life is left')
    .option('--within <duration>', 'only those that expire within so long', durationOption)
    .addOption(
      new Option('--state <state>', 'only those that stand so (default: all that are accepted now)').choices(CertificateState.options),
    )
    .addOption(new Option('--sort <order>', 'by what to sort').choices(Object.keys(orders)).default('expiry'))
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  muster certificates
  muster certificates 'rack1,-node07' -o wide
  muster certificates --expiring
  muster certificates --within 14d -o name
  muster certificates web1 --state revoked`,
    )
    .action(async (range: string | undefined, options: Options, command: Command) => {
      const all = await readCertificates(serverClient(command), range === undefined ? undefined : new GivenRange(range), options.state);
      const chosen = all.filter((one) => isMeant(one, options, Date.now())).toSorted(orders[options.sort]);
      printList(options.output, chosen, certificateColumns, wideCertificateColumns, ({ serial }) => serial);
      if (options.output === 'table' && chosen.length === 0) process.stderr.write('No certificate matches.\n');
    });
}

function isMeant({ lifeLeft, notAfter }: Certificate, { expiring, within }: Options, nowMs: number): boolean {
  if (expiring === true && lifeLeft >= nearEndShare) return false;
  return within === undefined || Date.parse(notAfter) - nowMs <= within * 1000;
}

async function readCertificates(
  client: Client,
  range: GivenRange | undefined,
  state: CertificateState | undefined,
): Promise<Certificate[]> {
  const query = state === undefined ? {} : { state };
  if (range === undefined) return readPages(client, query);
  return range.ask(async (text) => {
    if (text.length <= maxRangeInQuery) return readPages(client, { ...query, range: text });
    // Longer than an address can be: the names are asked for by themselves.
    const names = new Set((await client.expandRange({ body: { range: text } })).names);
    return (await readPages(client, query)).filter(({ nodeName }) => names.has(nodeName));
  });
}

async function readPages(client: Client, query: CertificateQuery): Promise<Certificate[]> {
  const certificates: Certificate[] = [];
  for (;;) {
    const { items, total } = await client.listAllCertificates({ query: { ...query, limit: 1000, offset: certificates.length } });
    certificates.push(...items);
    if (items.length === 0 || certificates.length >= total) return certificates;
  }
}
