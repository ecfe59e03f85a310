import { NodeSet } from './node-set.ts';

/** An attribute of a node; undefined where the node has none. Of a list, each member counts (`role=worker`). */
export type AttributeValue = string | number | readonly string[] | undefined;

/** What a range is read against. Immutable while it is. */
export interface RangeWorld {
  /** Every node there is; natural order saves sorting. */
  readonly names: readonly string[];
  /** Groups with the names of their nodes, all of which must be in `names`. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /**
   * Attributes that exist even where no node has a value yet, with all values one may have, or null where any will do.
   * Others (`label.zone`) exist when at least one node has them.
   */
  readonly attributes?: ReadonlyMap<string, readonly string[] | null>;
  attributeOf(name: string, attribute: string): AttributeValue;
  /**
   * The text of a file for `^file`; throws when it cannot be read. Only on the client: a server must give none, or a range
   * would read the server's files.
   */
  readFile?(path: string): string;
}

/** A world with its names found by number. Made once for a range. */
export class WorldIndex {
  readonly world: RangeWorld;
  readonly #indices: ReadonlyMap<string, number>;
  readonly #groups = new Map<string, NodeSet>();

  constructor(world: RangeWorld) {
    this.world = world;
    const indices = new Map<string, number>();
    for (let index = 0; index < world.names.length; index++) indices.set(world.names[index] ?? '', index);
    this.#indices = indices;
  }

  none(): NodeSet {
    return new NodeSet(this.world.names.length);
  }

  addAll(into: NodeSet): void {
    into.addAll(this.world.names.length);
  }

  isKnown(name: string): boolean {
    return this.#indices.has(name) || this.world.groups.has(name);
  }

  /** Nodes and groups. */
  *knownNames(): Generator<string> {
    yield* this.world.groups.keys();
    yield* this.world.names;
  }

  /**
   * Adds a node, or else the nodes of a group, to a set. Gives the name if there is neither, and the first member of
   * a group that is no node: both are at fault.
   */
  add(name: string, into: NodeSet): string | undefined {
    const index = this.#indices.get(name);
    if (index !== undefined) {
      into.add(index);
      return undefined;
    }
    const members = this.world.groups.get(name);
    if (members === undefined) return name;
    const known = this.#groups.get(name);
    if (known !== undefined) {
      into.unite(known);
      return undefined;
    }
    return this.#addGroup(name, members, into);
  }

  #addGroup(group: string, members: readonly string[], into: NodeSet): string | undefined {
    const set = this.none();
    for (const member of members) {
      const index = this.#indices.get(member);
      if (index === undefined) return member;
      set.add(index);
    }
    this.#groups.set(group, set);
    into.unite(set);
    return undefined;
  }
}
