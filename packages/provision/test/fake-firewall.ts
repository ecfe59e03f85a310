import type { FakeHost, Sent } from './fake-host.ts';

/** A firewall on a fake host: what it lets in, and which rules a run has noted. Its rules are names such as `ufw - tcp 7421 10.0.0.11`. */
export class FakeFirewall {
  readonly rules = new Set<string>();
  notes: string[] = [];
  /** Rules that it takes and does not keep. */
  isForgetful = false;
  readonly #kind: 'ufw' | 'firewalld';

  constructor(host: FakeHost, kind: 'ufw' | 'firewalld' = 'ufw') {
    this.#kind = kind;
    host.facts += `firewall=${kind}\n`;
    host.more.push((sent) => this.#answer(sent));
  }

  #answer({ label, stdin }: Sent): string | undefined {
    if (label === 'look at the firewall') return this.#look();
    return label === 'change the firewall' ? this.#change(stdin) : undefined;
  }

  #look(): string {
    const notes = this.notes.map((note) => `note=${note}\n`).join('');
    if (this.#kind === 'ufw') return `${notes}active=ufw\nipv6=yes\n${[...this.rules].map(addedLine).join('')}`;
    const zone = (kind: string) =>
      `${kind}=public\n${[...this.rules]
        .filter((rule) => rule.startsWith(kind))
        .map(richLine)
        .join('')}`;
    return `${notes}active=firewalld\ndefault=public\n${zone('runtime')}${zone('permanent')}`;
  }

  #change(stdin: string): string {
    for (const line of stdin.trim().split('\n')) {
      const [verb, kind = '', zone, protocol, port, source, , ...owner] = line.split(' ');
      const name = [kind, zone, protocol, port, source].join(' ');
      const note = `${name} ${owner.join(' ')}`;
      if (verb === 'add' && !this.isForgetful) this.rules.add(name);
      if (verb === 'add' && !this.notes.includes(note)) this.notes.push(note);
      if (verb === 'remove') this.rules.delete(name);
      if (verb === 'remove' || verb === 'forget') this.notes = this.notes.filter((one) => one !== note);
    }
    return '';
  }
}

function addedLine(rule: string): string {
  const [, , protocol, port, source] = rule.split(' ');
  return `added=ufw allow from ${source ?? ''} to any port ${port ?? ''} proto ${protocol ?? ''} comment 'muster'\n`;
}

function richLine(rule: string): string {
  const [kind, , protocol, port, source] = rule.split(' ');
  return `${kind ?? ''}=\trule family="ipv4" source address="${source ?? ''}" port port="${port ?? ''}" protocol="${protocol ?? ''}" accept\n`;
}
