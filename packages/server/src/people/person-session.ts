import type { Person, Session } from '@muster/api';

/** What a person's session says of him: read anew for each request, so that a change counts at once. */
export const sessionOfPerson = ({ id, name, email, role, groups, mayExec, hasPassword, twoFactor, provider }: Person): Session => ({
  kind: 'person',
  id,
  name,
  email,
  role,
  groups,
  mayExec,
  hasPassword,
  twoFactor,
  provider,
});
