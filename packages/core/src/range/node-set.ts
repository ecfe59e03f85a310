const BITS = 32;

/** A set of nodes by their index in a world; so small that any number of items can be united and intersected. */
export class NodeSet {
  readonly #words: Uint32Array;

  /** An empty set for indices below `size`. */
  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / BITS));
  }

  /** How many words the set has: what uniting it with another costs. */
  get wordCount(): number {
    return this.#words.length;
  }

  add(index: number): void {
    const word = index >>> 5;
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (index & 31));
  }

  /** Adds every index below `size`. */
  addAll(size: number): void {
    this.#words.fill(0xffffffff);
    if (size % BITS !== 0) this.#words[this.#words.length - 1] = 2 ** (size % BITS) - 1;
  }

  /** Adds what is in the other set of the same size. */
  unite(other: NodeSet): void {
    for (let at = 0; at < this.#words.length; at++) this.#words[at] = (this.#words[at] ?? 0) | (other.#words[at] ?? 0);
  }

  /** Keeps what is also in the other set. */
  intersect(other: NodeSet): void {
    for (let at = 0; at < this.#words.length; at++) this.#words[at] = (this.#words[at] ?? 0) & (other.#words[at] ?? 0);
  }

  /** Removes what is in the other set. */
  subtract(other: NodeSet): void {
    for (let at = 0; at < this.#words.length; at++) this.#words[at] = (this.#words[at] ?? 0) & ~(other.#words[at] ?? 0);
  }

  get isEmpty(): boolean {
    return this.#words.every((word) => word === 0);
  }

  /** What a list has at the indices of the set, in its order. */
  pick<T>(list: readonly T[]): T[] {
    const picked: T[] = [];
    for (let at = 0; at < this.#words.length; at++) {
      for (let word = this.#words[at] ?? 0; word !== 0; word &= word - 1) {
        const found = list[at * BITS + (31 - Math.clz32(word & -word))];
        if (found !== undefined) picked.push(found);
      }
    }
    return picked;
  }
}
