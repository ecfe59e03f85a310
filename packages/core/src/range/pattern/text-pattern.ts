import { hasChar } from './char-set.ts';
import { compilePattern, type PatternProgram } from './compile-pattern.ts';
import { parsePattern, type PatternFault, type PatternNode } from './parse-pattern.ts';

/** Where a match stands after some characters: every state it can be in at once. */
interface Standing {
  readonly charStates: readonly number[];
  /** Whether the pattern matches here, whatever follows. */
  readonly isMatch: boolean;
  /** Whether it matches if the text ends here. */
  readonly isMatchAtEnd: boolean;
  readonly nexts: Map<number, Standing>;
}

/** So many standings are kept; then they are forgotten and found again. */
const MAX_STANDINGS = 1000;
/** What writing a state out costs, in visits of a state. */
const VISITS_PER_STATE = 20;

/** Is told the work done, in visits of a state; ends it by throwing. */
export type Spend = (visits: number) => void;

/**
 * A regular expression that needs time proportional to the text, whatever it looks like: all ways to match are followed at
 * once, and where they lead is remembered. See {@link parsePattern} for what it understands.
 */
export class TextPattern {
  /** The text of the expression. */
  readonly source: string;
  readonly #pattern: PatternNode;
  readonly #covers: 'whole' | 'part';

  /** `covers` says whether a match has to cover the whole text or may lie anywhere in it. Throws what `fault` makes. */
  constructor(source: string, covers: 'whole' | 'part', fault: PatternFault) {
    this.source = source;
    this.#pattern = parsePattern(source, fault);
    this.#covers = covers;
  }

  /** What matches one text after the other. It remembers, so make one for many texts, and let go of it afterwards. */
  matcher(spend: Spend = () => undefined): (text: string) => boolean {
    const matcher = new PatternMatcher(compilePattern(this.#pattern), this.#covers === 'whole', spend);
    return (text) => matcher.matches(text);
  }
}

class PatternMatcher {
  readonly #program: PatternProgram;
  readonly #isWhole: boolean;
  readonly #spend: Spend;
  readonly #standings = new Map<string, Standing>();
  /** The round in which a state was last visited. */
  readonly #seen: Uint32Array;
  #round = 0;
  readonly #first: Standing;

  constructor(program: PatternProgram, isWhole: boolean, spend: Spend) {
    spend(program.states.length * VISITS_PER_STATE);
    this.#program = program;
    this.#isWhole = isWhole;
    this.#spend = spend;
    this.#seen = new Uint32Array(program.states.length);
    this.#first = this.#stand([program.entry], true);
  }

  matches(text: string): boolean {
    this.#spend(text.length + 1);
    let standing = this.#first;
    for (let at = 0; at < text.length; at++) {
      if (standing.isMatch && !this.#isWhole) return true;
      if (standing.charStates.length === 0 && this.#isWhole) return false;
      const code = text.charCodeAt(at);
      let next = standing.nexts.get(code);
      if (next === undefined) {
        next = this.#after(standing, code);
        standing.nexts.set(code, next);
      }
      standing = next;
    }
    return standing.isMatchAtEnd;
  }

  #after(standing: Standing, code: number): Standing {
    const seeds: number[] = this.#isWhole ? [] : [this.#program.entry];
    for (const index of standing.charStates) {
      const state = this.#program.states[index];
      if (state?.kind === 'chars' && hasChar(state.set, code)) seeds.push(state.next);
    }
    return this.#stand(seeds, false);
  }

  /** The standing that follows from some states; the same one for the same states, so that what follows is found once. */
  #stand(seeds: readonly number[], isAtStart: boolean): Standing {
    const here = this.#reach(seeds, isAtStart, false);
    const atEnd = this.#reach(seeds, isAtStart, true);
    const key = `${here.isMatch} ${atEnd.isMatch} ${here.charStates.join()}`;
    const known = this.#standings.get(key);
    if (known !== undefined) return known;
    if (this.#standings.size >= MAX_STANDINGS) this.#forget();
    const standing = {
      charStates: here.charStates,
      isMatch: here.isMatch,
      isMatchAtEnd: atEnd.isMatch,
      nexts: new Map<number, Standing>(),
    };
    this.#standings.set(key, standing);
    return standing;
  }

  /** Lets go of every standing; the first stays, but no longer leads to the others. */
  #forget(): void {
    this.#standings.clear();
    this.#first.nexts.clear();
  }

  /** Follows what needs no character. */
  #reach(seeds: readonly number[], isAtStart: boolean, isAtEnd: boolean): { charStates: number[]; isMatch: boolean } {
    this.#round++;
    const charStates: number[] = [];
    let isMatch = false;
    let visits = 0;
    const open = [...seeds];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      visits++;
      const state = this.#program.states[index];
      if (state === undefined || this.#seen[index] === this.#round) continue;
      this.#seen[index] = this.#round;
      if (state.kind === 'match') isMatch = true;
      else if (state.kind === 'chars') charStates.push(index);
      else if (state.kind === 'split') open.push(...state.nexts);
      else if (state.kind === 'start' ? isAtStart : isAtEnd) open.push(state.next);
    }
    this.#spend(visits);
    return { charStates: charStates.toSorted((a, b) => a - b), isMatch };
  }
}
