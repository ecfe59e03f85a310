import { stringify } from 'yaml';
import type { Config } from './config.ts';

/** The effective configuration as YAML, secrets masked: what `muster config print` shows. */
export function printConfig(config: Config): string {
  return stringify(maskSecrets(config));
}

/** A copy that may be shown: the password inside the database's URL is masked. */
function maskSecrets(config: Config): Config {
  const { url } = config.database;
  return url === undefined ? config : { ...config, database: { ...config.database, url: maskUrl(url) } };
}

const secretParameter = /([?&][^=&#]*(?:pass|key|secret)[^=&#]*=)[^&#]*/giu;

/** By the text and not by a parser: also what is no URL must not show what may be a password in it. */
function maskUrl(url: string): string {
  const masked = url.replace(
    /\/\/([^/?#@:]*)(:.*)?@/u,
    (_, user: string, password?: string) => `//${user}${password === undefined ? '' : ':****'}@`,
  );
  return masked.replace(secretParameter, '$1****');
}
