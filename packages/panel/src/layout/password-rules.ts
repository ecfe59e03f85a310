/** As the server demands it (`SetPassword` of the API). */
export const shortestPassword = 12;

export type PasswordFields = { readonly current: string; readonly next: string; readonly repeated: string };
/** What is wrong with each field, in words; a field that is right has no entry. */
export type PasswordFaults = { readonly current?: string; readonly next?: string; readonly repeated?: string };

/** Checks the fields before they are sent. The server has the last word. */
export function passwordFaults(fields: PasswordFields, hasPassword: boolean): PasswordFaults {
  return {
    ...(hasPassword && fields.current === '' ? { current: 'Enter the password you have now.' } : {}),
    ...(fields.next.length < shortestPassword ? { next: `Use at least ${shortestPassword} characters.` } : {}),
    ...(fields.next === fields.repeated ? {} : { repeated: 'The two are not the same.' }),
  };
}
