import type { Session } from '@muster/api';

/** Who acts, as it is written down and shown: the address of a person, which is his alone; else the name. */
export const whoIs = (session: Session | undefined): string => session?.email ?? session?.name ?? 'nobody';

/** What tells one who keeps something from all others. */
export const ownerOf = (session: Session | undefined): string => `${session?.kind ?? 'none'}:${whoIs(session)}`;
