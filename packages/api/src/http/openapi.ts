import { z } from 'zod';
import { apiPrefix } from './client.ts';
import { Problem } from './problem.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

function parametersOf(route: Route): object[] {
  const of = (where: 'path' | 'query', object?: z.ZodObject) => {
    if (object === undefined) return [];
    const { properties = {} } = schemaOf(object, 'input');
    return Object.entries(object.shape).map(([name, member]) => ({
      name,
      in: where,
      // Asked of the schema itself: JSON Schema calls a member required whose absence is read as an empty list.
      required: where === 'path' || !z.safeParse(member, undefined).success,
      schema: properties[name],
    }));
  };
  return [...of('path', route.params), ...of('query', route.query)];
}

const contentOf = ({ bodyBytes }: Route, body: z.ZodType): object =>
  bodyBytes === undefined
    ? { 'application/json': { schema: schemaOf(body, 'input') } }
    : { 'application/octet-stream': { schema: { type: 'string', format: 'binary', maxLength: bodyBytes } } };

function operationOf(name: string, route: Route): object {
  const problemAnswer = {
    description: 'An error',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  const content = Object.fromEntries(
    (route.produces ?? ['application/json']).map((type) => [type, { schema: schemaOf(route.response, 'output') }]),
  );
  const answer = route.status === 204 ? { description: route.summary } : { description: route.summary, content };
  return {
    operationId: name,
    summary: route.summary,
    'x-access': route.access,
    parameters: parametersOf(route),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: contentOf(route, route.body) } }),
    responses: { [route.status]: answer, default: problemAnswer },
  };
}

/** The OpenAPI 3.1 document of the interface, made from the table of routes. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries(routes)) {
    (paths[apiPrefix + route.path] ??= {})[route.method.toLowerCase()] = operationOf(name, route);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Muster', version },
    paths,
    components: { schemas: { Problem: schemaOf(Problem, 'output') } },
  };
}
