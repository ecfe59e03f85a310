import { none, type Route } from '../route.ts';
import { Session, SetPassword, SignIn, SignInLink, SignInLinkRequest } from '../session.ts';

/** Who is signed in, and how one comes in. */
export const sessionRoutes = {
  getSession: { method: 'GET', path: '/session', access: 'viewer', response: Session, status: 200, summary: 'Who is signed in' },
  signIn: {
    method: 'POST',
    path: '/session',
    access: 'public',
    body: SignIn,
    response: Session,
    status: 200,
    summary: 'Sign in with a password, or with the token of a one-time link',
  },
  signOut: { method: 'DELETE', path: '/session', access: 'viewer', response: none, status: 204, summary: 'Sign out' },
  setPassword: {
    method: 'PUT',
    path: '/session/password',
    access: 'viewer',
    body: SetPassword,
    response: none,
    status: 204,
    summary: 'Set or change the password of whoever is signed in',
  },
  makeSignInLink: {
    method: 'POST',
    path: '/sign-in-links',
    access: 'local',
    body: SignInLinkRequest,
    response: SignInLink,
    status: 201,
    summary: 'Make a one-time sign-in link (only on the server itself)',
  },
} as const satisfies Record<string, Route>;
