import type { PersonInvite } from '@muster/api';
import { Person } from './requests.ts';
import { type TestServer, tokenOf } from './server-fixture.ts';

/** Invites somebody with these rights and signs him in. */
export async function signInAs(server: TestServer, invite: PersonInvite): Promise<Person> {
  const { url } = await server.local.invitePerson({ body: invite });
  const person = new Person(server.port);
  await person.client.signIn({ body: { token: tokenOf(url) } });
  return person;
}
