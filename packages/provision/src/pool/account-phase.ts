import { setTimeout as sleep } from 'node:timers/promises';
import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Phase, Run } from '../engine/phase.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { musterRole } from './patroni-files.ts';
import { authorityPath, postgresPort } from './places.ts';
import { observePrimary, psql } from './psql.ts';
import { memberOf, poolOf } from './record-phase.ts';

type Observed = {
  readonly isPrimary: boolean;
  readonly canSignIn: boolean;
  /** Who copies the database, and how far. */ readonly maySeeCopies: boolean;
};

/** Prints whether this is the primary, and whether Muster can sign in to its database. The password is in the environment of one process. */
const lookScript = `
IFS= read -r address
IFS= read -r PGPASSWORD
export PGPASSWORD
${observePrimary}
if psql -XAtq -h "$address" -p ${postgresPort} -U ${musterRole} \\
  -d 'dbname=${musterRole} sslmode=verify-ca sslrootcert=${authorityPath} connect_timeout=5' -c 'select 1' >/dev/null 2>&1
then echo account=yes; else echo account=no; fi
copies=$(${psql} -d postgres -c "select pg_has_role(oid, 'pg_read_all_stats', 'usage') from pg_roles where rolname = '${musterRole}'" 2>/dev/null)
if [ "$copies" = t ]; then echo copies=yes; else echo copies=no; fi
`;

/** The password comes on standard input, and PostgreSQL keeps a word about it only. */
const makeScript = `
set -eu
IFS= read -r password
{
  printf "\\\\\\\\set password '%s'\\n" "$password"
  cat << 'END'
select 'create role ${musterRole} login' where not exists (select from pg_roles where rolname = '${musterRole}') \\gexec
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = 'panic';
alter role ${musterRole} with login password :'password';
grant pg_read_all_stats to ${musterRole};
select 'create database ${musterRole} owner ${musterRole} template template0 encoding ''UTF8'''
  where not exists (select from pg_database where datname = '${musterRole}') \\gexec
END
} | ${psql} -d postgres
`;

const waitMs = 90_000;

/** Muster's database and its account, made on whichever member is the primary. */
export const poolAccountPhase: Phase<Observed> = {
  name: 'pool-account',
  needs: ['pool-database'],
  informs: true,
  concerns: (host) => host.roles.includes('database'),
  before: async (hosts, run) => {
    // Nothing is made on hosts that are only looked at.
    if (run.dryRun || hosts.every(({ part }) => part !== undefined)) return;
    const startedMs = performance.now();
    for (;;) {
      const seen = await Promise.all(hosts.map((host) => look(host, run)));
      // A replica that lets Muster in has the account from a primary, which need not be among these hosts.
      if (seen.some(({ isPrimary, canSignIn }) => isPrimary || canSignIn)) return;
      if (performance.now() - startedMs > waitMs) {
        throw new ProvisionError(
          'No member of the pool became the primary of the database. Read on one of them: journalctl -u muster-database; patronictl -c /etc/muster/pool/patroni.yaml list',
        );
      }
      await sleep(1000, undefined, { signal: run.signal });
    }
  },
  observe: (host, run) => look(host, run),
  // On a replica the account comes by itself.
  plan: ({ isPrimary, canSignIn, maySeeCopies }) => {
    if (!isPrimary || (canSignIn && maySeeCopies)) return [];
    const what = canSignIn
      ? `let the account ${musterRole} see who copies the database`
      : `make the database ${musterRole} and its account`;
    return [{ what }];
  },
  act: async (_observed, host, run) => {
    const options = { label: 'make the account of the database', sudo: true, signal: run.signal };
    await runScript(connectionOf(host), makeScript, { ...options, stdin: `${poolOf(run).passwords.muster}\n` });
  },
  verify: async (host, run) => {
    if (!(await look(host, run)).canSignIn)
      throw new ProvisionError(`Muster cannot sign in to the database on ${host.host.name}. Read there: journalctl -u muster-database`);
  },
};

async function look(host: HostRun, run: Run): Promise<Observed> {
  const stdin = `${memberOf(host.host.name, run).address}\n${poolOf(run).passwords.muster}\n`;
  const options = { label: 'look at the account of the database', sudo: true, signal: run.signal, stdin };
  const lines = readLines(await runScript(connectionOf(host), lookScript, options));
  return {
    isPrimary: lines.get('primary') === 'yes',
    canSignIn: lines.get('account') === 'yes',
    maySeeCopies: lines.get('copies') === 'yes',
  };
}
