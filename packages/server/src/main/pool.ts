import { hostname } from 'node:os';
import { Rounds } from '@muster/controllers';
import type { PoolHandlerParts } from '../handlers/pool.ts';
import type { StatusParts } from '../handlers/status.ts';
import { agentAddressesOf, publicUrlOf } from '../config/addresses.ts';
import { FullDisk, freeBytesOf } from '../pool/full-disk.ts';
import { MemberCertificates } from '../pool/member-certificates.ts';
import { othersWork } from '../pool/others-work.ts';
import { patroniOf } from '../pool/patroni.ts';
import { PoolView } from '../pool/pool-view.ts';
import { Promoter } from '../pool/promoter.ts';
import type { Shutdown } from '../shutdown.ts';
import type { Foundation } from './foundation.ts';

/** This server as a member of its pool. `onChange`: what agents are told of members has changed. */
export function makePool(
  { config, store, clock, log, serverId, run, version, authorities }: Foundation,
  agents: { readonly connected: () => readonly string[]; readonly letGo: () => void },
  onChange: () => void,
): PoolView {
  const { name = hostname(), zone = '' } = config.pool;
  const reached = { agentAddresses: agentAddressesOf(config), panelUrl: publicUrlOf(config) };
  const self = { id: serverId, run, name, zone, version, ...reached };
  const { passwordFile, certificateFile } = config.database.patroni;
  const certificates = new MemberCertificates({
    serverChain: () => authorities.identityOf(authorities.shown()).chainPem,
    poolFile: passwordFile === undefined ? undefined : certificateFile,
    clock,
  });
  return new PoolView({
    store,
    self,
    certificates: () => certificates.current(),
    nodes: agents.connected,
    letGo: agents.letGo,
    othersWork: (others) =>
      othersWork(
        others,
        authorities.trusted().map(({ rootPem }) => rootPem),
      ),
    clock,
    log,
    onChange,
  });
}

/** How often the disk of the database is looked at. */
const diskLookMs = 2000;

/** What the handlers of routes ask of the pool. Its primary is moved by Patroni, where the configuration names the way to that. */
export function askedOfPool(
  { config: { database }, store, clock, log, serverId }: Foundation,
  pool: PoolView,
  shutdown: Shutdown,
): Omit<PoolHandlerParts, 'store'> & Pick<StatusParts, 'agentAddresses'> {
  const { urls, passwordFile, user, caFile, dataFolder } = database.patroni;
  const patroni = urls === undefined || passwordFile === undefined ? undefined : patroniOf({ urls, user, passwordFile, caFile });
  const databaseKind = patroni !== undefined ? 'pool' : database.url === undefined ? 'embedded' : 'own';
  const promoter = new Promoter({ store, kind: databaseKind, patroni, serverId, clock, log });
  shutdown.add('promotion', () => promoter.stop());
  if (patroni !== undefined) {
    const free = () => freeBytesOf(dataFolder);
    const fullDisk = new FullDisk({
      store,
      kind: databaseKind,
      promoter,
      serverId,
      members: () => pool.members,
      freeBytes: free,
      clock,
      log,
    });
    const failure = 'the disk of the database could not be looked at';
    const rounds = new Rounds({ failure, everyMs: diskLookMs, log, round: () => fullDisk.tick() });
    rounds.start();
    shutdown.add('watch over the disk of the database', () => rounds.stop());
  }
  return { pool, promoter, databaseKind, serverId, agentAddresses: () => pool.agentAddresses };
}
