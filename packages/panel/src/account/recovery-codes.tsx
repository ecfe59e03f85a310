import { CopyBlock } from '../ui/copy-block.tsx';

/** Codes for when the authenticator is lost. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <>
      <p>
        Keep these where you find them without your authenticator. Each signs you in once. They are <strong>not shown again</strong>.
      </p>
      <CopyBlock label="Recovery codes" text={codes.join('\n')} />
    </>
  );
}
