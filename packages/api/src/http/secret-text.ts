import { z } from 'zod';

/** Marks a member that holds a secret: the OpenAPI document says `writeOnly`, and the audit log leaves it out. */
export const secretText = <T extends z.ZodType>(schema: T): T => schema.meta({ writeOnly: true });

/** Whether a member was marked so, by itself or inside a default or an option. */
export function isSecret(schema: z.ZodType): boolean {
  if (schema.meta()?.['writeOnly'] === true) return true;
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return isWrapped && isSecret(schema.unwrap() as z.ZodType);
}
