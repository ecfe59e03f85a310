/** A browser as far as cookies and redirects go: cookies by the host they came from, and every answer as it was. */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();
  readonly visited: string[] = [];

  /** Goes to an address and on to wherever it is sent, as long as `goesOn` says so; answers where it is sent next, or undefined. */
  async visit(address: string, goesOn: (next: URL) => boolean = () => true): Promise<URL | undefined> {
    let url = new URL(address);
    for (let hops = 0; hops < 20; hops++) {
      this.visited.push(url.href);
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie: this.cookiesFor(url) } });
      await answer.arrayBuffer();
      this.#keep(url, answer.headers.getSetCookie());
      const location = answer.headers.get('location');
      if (location === null) return undefined;
      url = new URL(location, url);
      if (!goesOn(url)) return url;
    }
    throw new Error(`sent around in circles: ${url.href}`);
  }

  cookiesFor(url: URL): string {
    return [...(this.#jars.get(url.host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep({ host }: URL, setCookies: readonly string[]): void {
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    for (const line of setCookies) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0/iu.test(line)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}
