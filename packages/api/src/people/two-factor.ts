import { z } from 'zod';
import { secretText } from '../http/secret-text.ts';

/** A code of an authenticator (six digits), or one of the recovery codes. */
export const SecondFactorCode = secretText(z.string().trim().min(6).max(40));

/** Whether a password alone suffices to sign in. */
export const TwoFactorState = z.object({
  enabled: z.boolean(),
  /** Recovery codes that were not used yet. */
  recoveryCodesLeft: z.number().int().nonnegative(),
});
export type TwoFactorState = z.infer<typeof TwoFactorState>;

export const PasswordProof = z.strictObject({ password: secretText(z.string().min(1).max(200)) });
export type PasswordProof = z.infer<typeof PasswordProof>;

export const CodeProof = z.strictObject({ code: SecondFactorCode });
export type CodeProof = z.infer<typeof CodeProof>;

export const PasswordAndCode = z.strictObject({ password: secretText(z.string().min(1).max(200)), code: SecondFactorCode });
export type PasswordAndCode = z.infer<typeof PasswordAndCode>;

/** What an authenticator needs. Not in force until a code of it was given. */
export const TwoFactorSetup = z.object({
  /** `otpauth://` for a QR code. */
  uri: z.string(),
  /** The same secret to type in, base32. */
  secret: z.string(),
  /** Each signs in once, when the authenticator is lost. Shown here and never again. */
  recoveryCodes: z.array(z.string()),
});
export type TwoFactorSetup = z.infer<typeof TwoFactorSetup>;

export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;

/** How people can sign in here; the page for it shows only these. */
export const SignInMethods = z.object({
  password: z.boolean(),
  /** The identity provider, as its button is to be called: a browser goes to `/api/v1/session/oidc`. */
  oidc: z.object({ name: z.string() }).nullable(),
});
export type SignInMethods = z.infer<typeof SignInMethods>;
