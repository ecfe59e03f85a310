import { readFile } from 'node:fs/promises';
import type { ClaimRules } from '@muster/core';
import { StartError } from '../start-error.ts';
import type { Config } from './config.ts';

/** The identity provider as it is to be used. */
export type OidcSettings = ClaimRules & {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly name: string;
  readonly scopes: readonly string[];
};

/** The settings of the identity provider; undefined where none is configured. @throws StartError when the file of its secret cannot be read */
export async function readOidcSettings({ oidc }: Config): Promise<OidcSettings | undefined> {
  const { issuer, clientId } = oidc;
  if (issuer === undefined || clientId === undefined) return undefined;
  return {
    issuer,
    clientId,
    clientSecret: oidc.clientSecretFile === undefined ? oidc.clientSecret : await readSecret(oidc.clientSecretFile),
    name: oidc.name,
    scopes: oidc.scopes,
    roleClaim: oidc.roleClaim,
    administratorValues: oidc.administratorValues,
    operatorValues: oidc.operatorValues,
    viewerValues: oidc.viewerValues,
    execValues: oidc.execValues ?? [],
    groupsClaim: oidc.groupsClaim,
    defaultRole: oidc.defaultRole,
  };
}

async function readSecret(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The secret of the identity provider cannot be read: ${said}. Correct oidc.clientSecretFile, or the file.`, {
      cause,
    });
  });
  const secret = text.trim();
  if (secret === '')
    throw new StartError(`The file ${path} is empty. Put the secret of the identity provider into it, or correct oidc.clientSecretFile.`);
  return secret;
}
