import { z } from 'zod';

/** Body of `POST /enroll` at the agents' door, the one request that needs no certificate. */
export const EnrolmentRequest = z.strictObject({
  name: z.string().max(253),
  secret: z.string().max(200),
  csrPem: z.string().max(8192),
});
export type EnrolmentRequest = z.infer<typeof EnrolmentRequest>;
