import type { RuleTester } from 'oxlint/plugins-dev';

/** A lint rule as oxlint loads it. oxlint does not export these types by name, so they are read off its rule tester. */
export type Rule = Parameters<RuleTester['run']>[1];
type Create = NonNullable<Rule['create']>;
export type Visitor = ReturnType<Create>;
export type Context = Parameters<Create>[0];

/** Any node of the syntax tree: what `report` takes. */
export type Node = Parameters<NonNullable<Visitor['Program']>>[0]['body'][number] | Expression;
export type Expression = Parameters<NonNullable<Visitor['ExpressionStatement']>>[0]['expression'];
export type CallExpression = Parameters<NonNullable<Visitor['CallExpression']>>[0];
export type Identifier = Parameters<NonNullable<Visitor['Identifier']>>[0];
