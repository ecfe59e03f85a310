import type { DatabaseCopy } from '@muster/api';
import { Label } from '@patternfly/react-core';
import { copyLook, lagText } from './pool-words.ts';

/** What a copy of the database is, and how far it is behind. */
export function CopyLabel({ copy }: { copy: DatabaseCopy }) {
  const { text, ...look } = copyLook(copy);
  const lag = lagText(copy);
  return (
    <>
      <Label isCompact {...look}>
        {text}
      </Label>
      {lag !== undefined && <span className="mp-under mp-quiet">{lag}</span>}
    </>
  );
}
