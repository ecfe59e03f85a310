import { z } from 'zod';
import { ApiKey, ApiKeyCreate, ApiKeyList, NewApiKey } from '../../people/api-key.ts';
import { AuditExportQuery, AuditList, AuditQuery } from '../../people/audit.ts';
import { Invitation, InvitationRequest, Person, PersonChange, PersonInvite, PersonList } from '../../people/person.ts';
import {
  CodeProof,
  PasswordAndCode,
  PasswordProof,
  RecoveryCodes,
  SignInMethods,
  TwoFactorSetup,
  TwoFactorState,
} from '../../people/two-factor.ts';
import { idParams, none, type Route } from '../route.ts';

/** A person by id or e-mail address. */
const personParams = z.object({ person: z.string().min(1).max(254) });

/** Accounts: made and changed by administrators, who can give nobody more than they have. */
const accounts = {
  listPeople: {
    method: 'GET',
    path: '/people',
    access: 'administrator',
    response: PersonList,
    status: 200,
    summary: 'Everyone with an account',
  },
  invitePerson: {
    method: 'POST',
    path: '/people',
    access: 'administrator',
    body: PersonInvite,
    response: Invitation,
    status: 201,
    summary: 'Make an account and the link by which its person comes in once',
  },
  getPerson: {
    method: 'GET',
    path: '/people/{person}',
    access: 'administrator',
    params: personParams,
    response: Person,
    status: 200,
    summary: 'One person',
  },
  changePerson: {
    method: 'PUT',
    path: '/people/{person}',
    access: 'administrator',
    params: personParams,
    body: PersonChange,
    response: Person,
    status: 200,
    summary: 'Change name, role, groups or the permission exec; ends his sessions at once',
  },
  removePerson: {
    method: 'DELETE',
    path: '/people/{person}',
    access: 'administrator',
    params: personParams,
    response: none,
    status: 204,
    summary: 'Remove an account, its sessions and its keys; what he did stays in the audit log',
  },
  disablePerson: {
    method: 'POST',
    path: '/people/{person}/disable',
    access: 'administrator',
    params: personParams,
    response: Person,
    status: 200,
    summary: 'Shut somebody out at once, keys included, and keep the account',
  },
  enablePerson: {
    method: 'POST',
    path: '/people/{person}/enable',
    access: 'administrator',
    params: personParams,
    response: Person,
    status: 200,
    summary: 'Let a disabled person in again',
  },
  makeInvitation: {
    method: 'POST',
    path: '/people/{person}/invitations',
    access: 'administrator',
    params: personParams,
    body: InvitationRequest,
    response: Invitation,
    status: 201,
    summary: 'Make a new link for somebody to come in; earlier ones end. With `reset` password and second factor are forgotten',
  },
} as const satisfies Record<string, Route>;

/** Keys for programs: one's own, and for administrators everybody's. */
const keys = {
  listOwnKeys: {
    method: 'GET',
    path: '/session/keys',
    access: 'viewer',
    response: ApiKeyList,
    status: 200,
    summary: 'The keys of whoever is signed in; on the server itself those made there',
  },
  makeKey: {
    method: 'POST',
    path: '/session/keys',
    access: 'viewer',
    body: ApiKeyCreate,
    response: NewApiKey,
    status: 201,
    summary: 'Make a key that can do no more than its maker; a key cannot make keys',
  },
  revokeOwnKey: {
    method: 'DELETE',
    path: '/session/keys/{id}',
    access: 'viewer',
    params: idParams,
    response: ApiKey,
    status: 200,
    summary: 'End a key of one’s own at once',
  },
  listKeys: { method: 'GET', path: '/keys', access: 'administrator', response: ApiKeyList, status: 200, summary: 'All keys' },
  revokeKey: {
    method: 'DELETE',
    path: '/keys/{id}',
    access: 'administrator',
    params: idParams,
    response: ApiKey,
    status: 200,
    summary: 'End anybody’s key at once',
  },
} as const satisfies Record<string, Route>;

/** The second factor of whoever is signed in, and the other ways in. */
const ways = {
  getTwoFactor: {
    method: 'GET',
    path: '/session/two-factor',
    access: 'viewer',
    response: TwoFactorState,
    status: 200,
    summary: 'Whether a second factor is on, and how many recovery codes are left',
  },
  startTwoFactor: {
    method: 'POST',
    path: '/session/two-factor',
    access: 'viewer',
    body: PasswordProof,
    response: TwoFactorSetup,
    status: 201,
    summary: 'Begin with a second factor: the secret for an authenticator, and recovery codes. In force once a code was verified',
  },
  verifyTwoFactor: {
    method: 'POST',
    path: '/session/two-factor/verify',
    access: 'viewer',
    body: CodeProof,
    response: TwoFactorState,
    status: 200,
    summary: 'Put the second factor in force by a code of it; ends the other sessions',
  },
  disableTwoFactor: {
    method: 'POST',
    path: '/session/two-factor/disable',
    access: 'viewer',
    body: PasswordAndCode,
    response: TwoFactorState,
    status: 200,
    summary: 'Do without the second factor again',
  },
  makeRecoveryCodes: {
    method: 'POST',
    path: '/session/two-factor/recovery-codes',
    access: 'viewer',
    body: PasswordProof,
    response: RecoveryCodes,
    status: 201,
    summary: 'Make new recovery codes; the earlier ones end',
  },
  getSignInMethods: {
    method: 'GET',
    path: '/session/methods',
    access: 'public',
    response: SignInMethods,
    status: 200,
    summary: 'How people can sign in here',
  },
  startOidc: {
    method: 'GET',
    path: '/session/oidc',
    access: 'public',
    query: z.strictObject({
      /** A page of the panel to come back to. */
      returnTo: z.string().max(2000).optional(),
    }),
    response: z.object({ location: z.string() }),
    status: 303,
    summary: 'Sends a browser to the identity provider',
  },
  finishOidc: {
    method: 'GET',
    path: '/session/oidc/callback',
    access: 'public',
    // A provider may send members of its own along.
    query: z.object({ code: z.string().optional(), state: z.string().optional() }).catchall(z.string()),
    response: z.object({ location: z.string() }),
    status: 303,
    summary: 'Where the identity provider sends the browser back to: signs in, or returns to `/sign-in#problem=...`',
  },
} as const satisfies Record<string, Route>;

/** Who did what. */
const audit = {
  listAudit: {
    method: 'GET',
    path: '/audit',
    access: 'administrator',
    query: AuditQuery,
    response: AuditList,
    status: 200,
    summary: 'Who asked for what and how it ended, newest first',
  },
  exportAudit: {
    method: 'GET',
    path: '/audit/export',
    access: 'administrator',
    query: AuditExportQuery,
    response: z.string(),
    produces: ['text/csv', 'application/x-ndjson'],
    status: 200,
    summary: 'All entries that match, oldest first, as CSV or as one JSON object in each line',
  },
} as const satisfies Record<string, Route>;

export const peopleRoutes = { ...accounts, ...keys, ...ways, ...audit } as const;
