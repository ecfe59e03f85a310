import type { Grant } from '@muster/api';
import { ProblemError } from '@muster/api';
import { Person } from './requests.ts';
import { type TestServer, tokenOf } from './server-fixture.ts';

/** Invites somebody, or sends him a new link, and has him come in by it. */
export async function comeIn(server: TestServer, email: string, grant: Partial<Grant> = {}): Promise<Person> {
  const { url } = await server.local
    .invitePerson({ body: { email, ...grant } })
    .catch(() => server.local.makeInvitation({ params: { person: email }, body: {} }));
  const person = new Person(server.port);
  await person.client.signIn({ body: { token: tokenOf(url) } });
  return person;
}

/** The code of the problem a call ends with; undefined for one that succeeds, the error itself for one that ends otherwise. */
export async function codeOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ProblemError ? error.problem.code : error;
}

/** The words of the problem a call ends with. */
export async function detailOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ProblemError ? error.problem.detail : `no problem: ${String(error)}`;
}
