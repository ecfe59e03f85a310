import { staticString, visitModuleReferences } from './module-references.ts';
import type { CallExpression, Context, Expression, Node, Rule } from './rule.ts';

/** These take a whole command line and give it to a shell. */
const shellCalls = ['exec', 'execSync'];
const shells = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'su', 'runuser']);
const isChildProcess = (specifier: string | undefined): boolean => specifier === 'node:child_process' || specifier === 'child_process';

/**
 * No command line is built from a value: a shell takes programs with argument arrays, fixed scripts, or a script on standard
 * input. So a name with a quote or a semicolon in it stays a name.
 */
export const noShellStringRule: Rule = {
  meta: { type: 'problem' },
  create(context) {
    const reported = new Set<Node>();
    const report = (node: Node, message: string): void => {
      if (!reported.has(node)) context.report({ node, message });
      reported.add(node);
    };
    let importsChildProcess = false;
    const shellOptions: Node[] = [];
    const checkWords = (words: readonly Word[]): void => {
      const built = builtScript(words, context);
      if (built !== undefined)
        report(
          built,
          'A shell script built from a value: fix the script and hand the value as an argument, or write the script to standard input.',
        );
    };
    const references = visitModuleReferences(({ node, specifier }) => {
      if (!isChildProcess(specifier)) return;
      importsChildProcess = true;
      if (node.type === 'ImportDeclaration') return;
      report(node, 'Import node:child_process at the top of the file, so that its use can be checked.');
    });
    return {
      ...references,
      CallExpression: (node) => {
        references.CallExpression?.(node);
        checkWords(node.arguments.flatMap((one) => (one.type === 'ArrayExpression' ? one.elements : [one])));
      },
      ArrayExpression: (node) => checkWords(node.elements),
      Property: (node) => {
        const key = node.key.type === 'Identifier' ? node.key.name : node.key.type === 'Literal' ? node.key.value : undefined;
        const isOff = node.value.type === 'Literal' && node.value.value === false;
        if (key === 'shell' && node.parent.type === 'ObjectExpression' && !isOff) shellOptions.push(node as unknown as Node);
      },
      'Program:exit': () => {
        if (!importsChildProcess) return;
        for (const option of shellOptions) report(option, 'The option `shell` lets a shell read the arguments: spawn the program itself.');
        for (const use of shellCallUses(context)) report(use.node, use.message);
      },
    };
  },
};

type Sum = Extract<Expression, { type: 'BinaryExpression' }>;
type Word = CallExpression['arguments'][number] | null;

/** The argument after `-c` of a shell, where it is not fixed text. */
function builtScript(words: readonly Word[], context: Context): Node | undefined {
  const index = words.findIndex((word) => /^-[a-z]*c$/u.test(fixedText(word, context) ?? ''));
  const script = words[index + 1];
  if (index < 1 || script === undefined || script === null || !words.slice(0, index).some((word) => isShell(word, context)))
    return undefined;
  return fixedText(script, context) === undefined ? (script as Node) : undefined;
}

function isShell(word: Word, context: Context): boolean {
  const text = fixedText(word, context);
  if (text !== undefined) return shells.has(text.split('/').at(-1) ?? '');
  return word?.type === 'Identifier' && /shell|bash|^sh$/iu.test(word.name);
}

/** The text of an expression that is the same in every run: literals, their sums, and constants made of these. */
function fixedText(node: Word | Expression | undefined, context: Context): string | undefined {
  if (node?.type === 'TSAsExpression' || node?.type === 'TSSatisfiesExpression') return fixedText(node.expression, context);
  if (node?.type === 'BinaryExpression') return fixedSum(node, context);
  if (node?.type === 'Identifier') return fixedConstant(node.name, node, context);
  return staticString(node);
}

function fixedSum({ operator, left, right }: Sum, context: Context): string | undefined {
  if (operator !== '+') return undefined;
  const [start, end] = [fixedText(left, context), fixedText(right, context)];
  return start === undefined || end === undefined ? undefined : start + end;
}

function fixedConstant(name: string, from: Expression, context: Context): string | undefined {
  for (
    let scope: ReturnType<Context['sourceCode']['getScope']> | null = context.sourceCode.getScope(from);
    scope !== null;
    scope = scope.upper
  ) {
    const definition = scope.set.get(name)?.defs[0];
    if (definition === undefined) continue;
    const { node, parent } = definition;
    const isConstant = node.type === 'VariableDeclarator' && parent?.type === 'VariableDeclaration' && parent.kind === 'const';
    return isConstant && node.id.type === 'Identifier' ? fixedText(node.init, context) : undefined;
  }
  return undefined;
}

/** Every use of `exec` and `execSync` but a direct call with a fixed command line. */
function shellCallUses(context: Context): { node: Node; message: string }[] {
  const uses: { node: Node; message: string }[] = [];
  for (const variable of context.sourceCode.scopeManager.scopes.flatMap((scope) => scope.variables)) {
    const imported = variable.defs.map((definition) => importedFrom(definition.node as Node, definition.parent as Node | null))[0];
    if (imported === undefined) continue;
    for (const { identifier } of variable.references) {
      const used = imported === '*' ? memberOf(identifier as Expression) : { name: imported, node: identifier as Expression };
      if (used === undefined)
        uses.push({
          node: identifier as Node,
          message: 'child_process handed on: call its functions by name, so that their use can be checked.',
        });
      else if (shellCalls.includes(used.name) && !isFixedCall(used.node, context)) {
        uses.push({
          node: used.node,
          message: `'${used.name}' gives a command line to a shell: spawn the program with an argument array.`,
        });
      }
    }
  }
  return uses;
}

/** The name a specifier imports from child_process, `*` for all of it, undefined for another module. */
function importedFrom(node: Node, parent: Node | null): string | undefined {
  if (parent?.type !== 'ImportDeclaration' || !isChildProcess(parent.source.value)) return undefined;
  const specifier = parent.specifiers.find((one) => (one as unknown as Node) === node);
  if (specifier?.type !== 'ImportSpecifier') return '*';
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value;
}

function memberOf(identifier: Expression): { name: string; node: Expression } | undefined {
  const { parent } = identifier;
  if (parent.type !== 'MemberExpression' || parent.object !== identifier || parent.computed) return undefined;
  return { name: parent.property.name, node: parent };
}

function isFixedCall(callee: Expression, context: Context): boolean {
  const { parent } = callee;
  return parent.type === 'CallExpression' && parent.callee === callee && fixedText(parent.arguments[0], context) !== undefined;
}
