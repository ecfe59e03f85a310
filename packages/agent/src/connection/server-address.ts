/** Where a server listens for agents. */
export type ServerAddress = { readonly host: string; readonly port: number };

/** Reads `host:port`, `192.0.2.1:7443` or `[2001:db8::1]:7443`; undefined for anything else. */
export function parseServerAddress(text: string): ServerAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/u.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port };
}
