import { createHash, randomBytes } from 'node:crypto';
import { type Person, problem } from '@muster/api';
import type { Store } from '@muster/store';

export type SignInLinkParts = { readonly store: Pick<Store, 'people' | 'signInLinks'>; readonly publicUrl: string };
export type MadeLink = { readonly url: string; readonly expiresAt: string };

/** Links by which a person comes in once. */
export type SignInLinks = {
  /** For whoever administers the server's machine: a quarter of an hour, and an account of an administrator where there is none. */
  forAdministrator(email: string): Promise<MadeLink>;
  /** For somebody who has an account; earlier links of his end. */
  forPerson(person: Person, lifetimeSeconds: number): Promise<MadeLink>;
  /** The person of a link, which is used up by this; undefined when it is not good (any more). */
  use(token: string): Promise<Person | undefined>;
};

const administratorSeconds = 900;

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export function signInLinks({ store, publicUrl }: SignInLinkParts): SignInLinks {
  const make = async (personId: string, lifetimeSeconds: number, endsEarlier: boolean): Promise<MadeLink> => {
    const secret = randomBytes(24).toString('hex');
    const { expiresAt } = await store.signInLinks.make(personId, hashOf(secret), lifetimeSeconds, endsEarlier);
    // In the fragment, which no server and no proxy ever logs.
    return { url: `${publicUrl}/sign-in#token=${secret}`, expiresAt };
  };
  return {
    forAdministrator: async (email) => {
      const person = (await store.people.find(email)) ?? (await addAdministrator(store, email));
      requireEnabled(person);
      return make(person.id, administratorSeconds, false);
    },
    forPerson: async (person, lifetimeSeconds) => {
      requireEnabled(person);
      return make(person.id, lifetimeSeconds, true);
    },
    use: (token) => store.signInLinks.use(hashOf(token)),
  };
}

function requireEnabled({ email, state }: Person): void {
  if (state === 'disabled')
    throw problem('not-allowed', `${email} is shut out. Let the account in again first: muster people enable ${email}`);
}

/** Of several that ask for the same new account at once one makes it. */
async function addAdministrator({ people }: Pick<Store, 'people'>, email: string): Promise<Person> {
  const name = email.split('@')[0] ?? email;
  const grant = { role: 'administrator', groups: null, mayExec: true } as const;
  try {
    return await people.add({ email, name, grant });
  } catch (error) {
    const other = await people.find(email);
    if (other !== undefined) return other;
    throw error;
  }
}
