import { stringify } from 'yaml';
import type { Config } from './config.ts';

/** The effective configuration as YAML, secrets masked: what `muster config print` shows. */
export function printConfig(config: Config): string {
  return stringify(maskSecrets(config));
}

/** A copy that may be shown: the password in the database's URL, the secret of the identity provider and the token of the metrics are masked. */
function maskSecrets(config: Config): Config {
  const { database, oidc, metrics } = config;
  return {
    ...config,
    ...(database.url === undefined ? {} : { database: { ...database, url: maskUrl(database.url) } }),
    ...(oidc.clientSecret === undefined ? {} : { oidc: { ...oidc, clientSecret: '****' } }),
    ...(metrics.token === undefined ? {} : { metrics: { ...metrics, token: '****' } }),
  };
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
