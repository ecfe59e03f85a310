import { pathFromRoot } from './project.ts';
import { isTestPath, roomOfPath } from '../doors.ts';
import type { Identifier, Node, Rule } from './rule.ts';

type NewExpression = Extract<Node, { type: 'NewExpression' }>;

/** The globals that are pure by themselves; `Date`, `Math` and `AbortSignal` are judged by how they are used. */
const pureGlobals = new Set(
  [
    'Object Array Map Set WeakMap WeakSet Symbol String Number Boolean BigInt JSON RegExp Proxy Reflect Promise Iterator',
    'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError',
    'Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array',
    'BigInt64Array BigUint64Array ArrayBuffer DataView DisposableStack AsyncDisposableStack',
    'Infinity NaN undefined parseInt parseFloat isNaN isFinite structuredClone arguments',
    'encodeURI encodeURIComponent decodeURI decodeURIComponent atob btoa',
    'URL URLSearchParams TextEncoder TextDecoder AbortController',
  ]
    .join(' ')
    .split(' '),
);

/** Of these globals everything but the named members is pure. */
const impureMembers: ReadonlyMap<string, readonly string[]> = new Map([
  ['Date', ['now']],
  ['Math', ['random']],
  ['AbortSignal', ['timeout']],
]);

/**
 * A pure room decides from what it is given: no clock, no timer, no random number, no input or output. Judged by a list of
 * what is allowed, so a global that comes with a later Node.js is closed until someone opens it.
 */
export const pureCoreRule: Rule = {
  meta: { type: 'problem' },
  create(context) {
    const path = pathFromRoot(context.filename);
    if (roomOfPath(path)?.pure !== true || isTestPath(path)) return {};
    const report = (node: Node | Identifier, what: string): void => {
      const message = `${what} has no place in a pure room: take it as an argument or through a port.`;
      context.report({ node, message });
    };
    return {
      MetaProperty: (node) => {
        if (node.meta.name === 'import') report(node, 'import.meta');
      },
      'Program:exit': () => {
        for (const scope of context.sourceCode.scopeManager.scopes) {
          for (const reference of scope.references) {
            const declaredHere = (reference.resolved?.defs.length ?? 0) > 0;
            const what = declaredHere ? undefined : impurity(reference.identifier);
            if (what !== undefined) report(reference.identifier, what);
          }
        }
      },
    };
  },
};

function impurity(identifier: Identifier): string | undefined {
  const { name, parent } = identifier;
  if (isTypePosition(parent) || pureGlobals.has(name)) return undefined;
  const impure = impureMembers.get(name);
  if (impure === undefined) return `'${name}'`;
  if (parent.type === 'MemberExpression' && parent.object === identifier) return impureMember(parent, name, impure);
  if (parent.type === 'BinaryExpression' && parent.operator === 'instanceof') return undefined;
  return name === 'Date' && parent.type === 'NewExpression' ? newDate(parent, identifier) : handedOn(name);
}

const newDate = (parent: NewExpression, identifier: Identifier): string | undefined => {
  if (parent.callee !== identifier) return handedOn('Date');
  return parent.arguments.length === 0 ? "'new Date()' without an argument" : undefined;
};

/** Under another name it could be called unseen. */
const handedOn = (name: string): string => `'${name}' handed on`;

function impureMember(member: Extract<Node, { type: 'MemberExpression' }>, name: string, impure: readonly string[]): string | undefined {
  if (member.computed) return `A computed member of '${name}'`;
  return impure.includes(member.property.name) ? `'${name}.${member.property.name}'` : undefined;
}

const isTypePosition = (parent: Identifier['parent']): boolean =>
  ['TSTypeReference', 'TSTypeQuery', 'TSQualifiedName', 'TSClassImplements', 'TSInterfaceHeritage'].includes(parent.type);
