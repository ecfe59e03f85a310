import { describe, expect, it } from 'vitest';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';

type Parameter = { name: string; in: string; required: boolean; schema: { type?: string; default?: unknown } };
type Operation = {
  operationId: string;
  summary: string;
  'x-access': string;
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
};

const openApi = openApiDocument('1.2.3') as {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const table = Object.entries(routes as Record<string, Route>).map(([name, route]) => ({ name, route }));
const operationOf = ({ path, method }: Route) => openApi.paths[`/api/v1${path}`]?.[method.toLowerCase()];

describe('the OpenAPI document', () => {
  it('is of version 3.1 and names itself', () => {
    expect(openApi).toMatchObject({ openapi: '3.1.0', info: { title: 'Muster', version: '1.2.3' } });
    expect(JSON.parse(JSON.stringify(openApi))).toEqual(openApi);
  });

  it('has every route of the table and nothing else', () => {
    const operations = Object.values(openApi.paths).flatMap((methods) => Object.values(methods));
    expect(operations.map((one) => one.operationId).toSorted()).toEqual(Object.keys(routes).toSorted());
  });

  it.each(table)('tells of $name what the table says', ({ name, route }) => {
    expect(operationOf(route)).toMatchObject({ operationId: name, summary: route.summary, 'x-access': route.access });
  });

  it.each(table)('has each parameter in the path of $name, required, and each of its query', ({ route }) => {
    const parameters = operationOf(route)?.parameters ?? [];
    const inPath = [...route.path.matchAll(/\{(\w+)\}/gu)].map((match) => match[1]);
    expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(inPath);
    expect(Object.keys(route.params?.shape ?? {})).toEqual(inPath);
    expect(parameters.filter((one) => one.in === 'query').map((one) => one.name)).toEqual(Object.keys(route.query?.shape ?? {}));
    for (const one of parameters) expect(one).toMatchObject({ required: one.in === 'path', schema: { type: expect.any(String) } });
  });

  it.each(table)('has for $name one good answer, and the problem for all others', ({ route }) => {
    const responses = operationOf(route)?.responses ?? {};
    expect(Object.keys(responses)).toEqual([String(route.status), 'default']);
    expect(responses[String(route.status)]?.content === undefined).toBe(route.status === 204);
    expect(responses['default']?.content).toEqual({ 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } });
  });

  it.each(table)('has a body for $name only where the table has one', ({ route }) => {
    const body = operationOf(route)?.requestBody;
    expect(body === undefined).toBe(route.body === undefined);
    expect(body?.required ?? true).toBe(true);
  });

  it('knows no reference that leads nowhere', () => {
    const references = [...JSON.stringify(openApi).matchAll(/"\$ref":"([^"]+)"/gu)].map((match) => match[1] ?? '');
    for (const reference of references) expect(reference).toMatch(/^#\/components\/schemas\//u);
    for (const reference of references) expect(openApi.components.schemas).toHaveProperty(reference.split('/').at(-1) ?? '');
  });

  it('says what may be left out of a query', () => {
    const query = operationOf(routes.listNodes)?.parameters ?? [];
    expect(query.map(({ name, schema }) => [name, schema.type, schema.default])).toEqual([
      ['sort', 'string', 'name'],
      ['filter', 'array', undefined],
      ['range', 'string', undefined],
      ['allowEmpty', 'string', 'false'],
      ['limit', 'integer', 100],
      ['offset', 'integer', 0],
    ]);
  });
});
