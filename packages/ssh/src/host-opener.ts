import type { Connection } from './connection.ts';
import type { HostLogin, ResolvedLogin } from './host-login.ts';
import { JumpHosts } from './jump-hosts.ts';
import { routeTo } from './jump-route.ts';
import { type LoginDefaults, LoginResolver } from './login-resolver.ts';
import { openByOpenSsh } from './open-by-openssh.ts';
import { type ConnectOptions, openConnection } from './open-connection.ts';
import { isSshError, SshError } from './ssh-error.ts';
import type { SudoSettings } from './sudo-access.ts';
import { HOST_CERTIFICATE, reasonsAfterFailure, reasonsForOpenSsh, type Transport } from './transport.ts';
import type { Way } from './way.ts';

/** Settings of a {@link HostOpener}. */
export interface HostOpenerOptions extends LoginDefaults {
  /** Cancels the opening of connections. */
  readonly signal?: AbortSignal | undefined;
  /** Where the inventory names none. Default `auto`. */
  readonly transport?: Transport | undefined;
}

/** Opens the hosts of one run as an operator would with `ssh`: by the inventory, by OpenSSH's configuration, with one set of keys. */
export class HostOpener {
  readonly #resolver: LoginResolver;
  readonly #signal: AbortSignal | undefined;
  readonly #transport: Transport;
  readonly #jumpHosts = new JumpHosts((hop, way) => openConnection(hop.target, this.#connectOptions(hop, way)));

  constructor(options: HostOpenerOptions) {
    this.#resolver = new LoginResolver(options);
    this.#signal = options.signal;
    this.#transport = options.transport ?? 'auto';
  }

  /** Rejects as `openConnection`, and with unsupported or sshConfigUnusable. */
  async open(login: HostLogin, sudo: SudoSettings = {}): Promise<Connection> {
    const resolved = await this.#resolver.resolve(login);
    const transport = login.transport ?? this.#transport;
    if (transport === 'openssh') {
      return await this.#openByOpenSsh(resolved, sudo);
    }
    const route = await routeTo(resolved, (hop) => this.#resolver.resolveHop(hop));
    const hasOpenSsh = transport === 'auto' && (await this.#resolver.config.hasProgram());
    const reasons = hasOpenSsh ? (await Promise.all([resolved, ...route].map(reasonsForOpenSsh))).flat() : [];
    const builtIn = (): Promise<Connection> => this.#openBuiltIn(resolved, route, sudo);
    if (reasons.length > 0) {
      return await this.#openByOpenSsh(resolved, sudo, reasons).catch((error: unknown) => {
        // An authority that is trusted for many hosts says nothing of one without a certificate: people are asked about that as ever.
        if (isSshError(error, 'hostKeyUnknown') && reasons.every((reason) => reason === HOST_CERTIFICATE)) {
          return builtIn();
        }
        throw error;
      });
    }
    return await builtIn().catch(async (error: unknown) => {
      const late = hasOpenSsh ? await reasonsAfterFailure(error, resolved) : [];
      if (late.length === 0) {
        throw error;
      }
      return await this.#openByOpenSsh(resolved, sudo, late);
    });
  }

  async #openBuiltIn(resolved: ResolvedLogin, route: readonly ResolvedLogin[], sudo: SudoSettings): Promise<Connection> {
    refuseUnsupported(resolved);
    route.forEach(refuseUnsupported);
    return await this.#jumpHosts.through(route, resolved.target, (way) =>
      openConnection(resolved.target, { ...this.#connectOptions(resolved, way), ...sudo }),
    );
  }

  #openByOpenSsh(resolved: ResolvedLogin, sudo: SudoSettings, reasons: readonly string[] = []): Promise<Connection> {
    return openByOpenSsh(resolved, { ...sudo, config: this.#resolver.config, signal: this.#signal, reasons });
  }

  #connectOptions(resolved: ResolvedLogin, way: Way | undefined): ConnectOptions {
    const { hostKeys, keys, connectTimeoutSeconds, keepaliveIntervalSeconds, keepaliveCountMax } = resolved;
    return { hostKeys, keys, connectTimeoutSeconds, keepaliveIntervalSeconds, keepaliveCountMax, way, signal: this.#signal };
  }
}

function refuseUnsupported({ target, beyondUs }: ResolvedLogin): void {
  if (beyondUs.length > 0) {
    throw new SshError({
      kind: 'unsupported',
      host: target,
      what: `the SSH configuration asks for ${beyondUs.join(', ')}, which the built-in SSH client cannot do`,
      advice:
        'Install the OpenSSH client and leave the choice to Muster (muster_transport=auto), or remove it from the configuration of this host.',
    });
  }
}
