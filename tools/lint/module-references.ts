import type { CallExpression, Expression, Node, Visitor } from './rule.ts';

/** One place where a file names another module. */
export type ModuleReference = {
  readonly node: Node;
  /** Undefined when the name is computed at run time. */
  readonly specifier: string | undefined;
  /** `type` loads nothing; `value` loads the module; `resolve` only asks where it lies. */
  readonly kind: 'type' | 'value' | 'resolve';
};

/**
 * Visits every way to name a module: static imports and re-exports, `import()`, `import('...')` types, `require()`,
 * `require.resolve()` and `import.meta.resolve()`. `import { type A } from` counts as a value, because stripping the types
 * leaves an import that loads the module.
 */
export function visitModuleReferences(visit: (reference: ModuleReference) => void): Visitor {
  const named = (node: Node, source: { value: string } | null, kind: 'type' | 'value'): void => {
    if (source !== null) visit({ node, specifier: source.value, kind });
  };
  return {
    ImportDeclaration: (node) => named(node, node.source, node.importKind === 'type' ? 'type' : 'value'),
    ExportNamedDeclaration: (node) => named(node, node.source, node.exportKind === 'type' ? 'type' : 'value'),
    ExportAllDeclaration: (node) => named(node, node.source, node.exportKind === 'type' ? 'type' : 'value'),
    ImportExpression: (node) => visit({ node, specifier: staticString(node.source), kind: 'value' }),
    TSImportType: (node) => visit({ node: node as unknown as Node, specifier: node.source.value, kind: 'type' }),
    CallExpression: (node) => {
      const kind = loaderKind(node);
      if (kind !== undefined) visit({ node, specifier: staticString(node.arguments[0]), kind });
    },
  };
}

function loaderKind({ callee }: CallExpression): 'value' | 'resolve' | undefined {
  if (callee.type === 'Identifier') return callee.name === 'require' ? 'value' : undefined;
  if (callee.type !== 'MemberExpression' || callee.computed || callee.property.name !== 'resolve') return undefined;
  const { object } = callee;
  const resolves = object.type === 'MetaProperty' || (object.type === 'Identifier' && object.name === 'require');
  return resolves ? 'resolve' : undefined;
}

/** The text of a literal, or undefined for anything computed. */
export function staticString(node: Expression | CallExpression['arguments'][number] | null | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}
