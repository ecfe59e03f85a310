import { createHash } from 'node:crypto';
import type { FakeHost, Sent } from './fake-host.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');
const unit = 'docker-registry.service';
const paths = ['/etc/docker/registry/config.yml', `/etc/systemd/system/${unit}.d/muster.conf`, '/etc/muster/hooks.d/50-muster-registry'];

/** A registry on a fake host, as far as a run can see and change it. */
export class FakeRegistry {
  readonly installed = new Set<string>();
  /** Whether a run has noted that it installs the package. */
  isOurs = false;
  /** `SHA256-OF-ARCHIVE NAME` of the images in it. */
  readonly pushed: string[] = [];
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
    host.more.push((sent) => this.#answer(sent));
  }

  #answer({ label, script }: Sent): string | undefined {
    if (label === 'look at the registry') return this.#seen();
    if (label === 'make the folders of the registry') {
      this.#host.pending.add(unit);
      return '';
    }
    if (label.startsWith('install docker-registry') || label === 'install skopeo') {
      this.#install(label.slice('install '.length).split(', '));
      return '';
    }
    if (label.startsWith('push the images of ')) {
      for (const [, hash = '', name = ''] of script.matchAll(/^printf '%s %s\\n' '([^']+)' '([^']+)'/gmu))
        this.pushed.push(`${hash} ${name}`);
      return '';
    }
    return label === 'ask the registry' ? '' : undefined;
  }

  #install(names: readonly string[]): void {
    for (const name of names) this.installed.add(name);
    if (names.includes('docker-registry')) this.isOurs = true;
  }

  #seen(): string {
    const { active, enabled } = this.#host.services.get(unit) ?? { active: false, enabled: false };
    const hash = (path: string): string => (this.#host.files.has(path) ? sha256(this.#host.files.get(path) ?? '') : 'none');
    return [
      ...['docker-registry', 'skopeo'].filter((name) => !this.installed.has(name)).map((name) => `missing=${name}`),
      ...paths.map((path) => `${path}=${hash(path)}`),
      `active=${active ? 'active' : 'inactive'}`,
      `enabled=${enabled ? 'enabled' : 'disabled'}`,
      `pending=${this.#host.pending.has(unit) ? 'yes' : 'no'}`,
      this.#host.owes('registry'),
      ...(this.isOurs ? ['ours=yes'] : []),
      ...this.pushed.map((line) => `pushed=${line}`),
    ].join('\n');
  }
}
