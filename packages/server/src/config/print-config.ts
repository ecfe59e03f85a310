import { stringify } from 'yaml';
import type { Config } from './config.ts';

/** The effective configuration as YAML, secrets masked: what `muster config print` shows. */
export function printConfig(config: Config): string {
  return stringify(maskSecrets(config));
}

/** A copy that may be shown: the password inside the database's URL is masked. */
export function maskSecrets(config: Config): Config {
  const { url } = config.database;
  return url === undefined ? config : { ...config, database: { ...config.database, url: maskUrl(url) } };
}

function maskUrl(url: string): string {
  // Also a URL that no parser takes must not show what may be a password: everything between the scheme and the last @ is hidden then.
  if (!URL.canParse(url)) return url.replace(/\/\/.*@/u, '//****@');
  const parsed = new URL(url);
  if (parsed.password !== '') parsed.password = '****';
  for (const key of parsed.searchParams.keys()) if (/pass|key|secret/iu.test(key)) parsed.searchParams.set(key, '****');
  return parsed.toString();
}
