import { APIError, createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';

/**
 * A part of better-auth that begins a session for somebody who has proven who he is by other means than a password: a link, or an
 * identity provider. Only the server itself can call it.
 */
export const beginSession = () => ({
  id: 'muster-begin-session',
  endpoints: {
    beginSession: createAuthEndpoint.serverOnly({ method: 'POST', body: z.object({ userId: z.string() }) }, async (context) => {
      const { internalAdapter } = context.context;
      const user = await internalAdapter.findUserById(context.body.userId);
      if (user === null) throw new APIError('UNAUTHORIZED');
      const session = await internalAdapter.createSession(user.id, false);
      await setSessionCookie(context, { session, user });
      return context.json({ userId: user.id });
    }),
  },
});
