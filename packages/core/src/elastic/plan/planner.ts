import type { ElasticPicture } from '../picture/elastic-picture.ts';
import { planOf } from './decide-plan.ts';
import { ElasticIndex, type PictureChange } from './elastic-index.ts';
import type { ElasticPlan } from './elastic-plan.ts';

/**
 * Plans again and again what changes little: it keeps the picture in its order, and takes in only what is different. Its plan is the one that
 * `decidePlan` makes of the whole picture. What it keeps can be thrown away at any time.
 */
export class Planner {
  readonly #index: ElasticIndex;

  constructor(picture: ElasticPicture) {
    this.#index = new ElasticIndex(picture);
  }

  /** The plan for the picture as it is now. */
  plan(): ElasticPlan {
    return planOf(this.#index);
  }

  /** The plan after a change. */
  change(change: PictureChange): ElasticPlan {
    this.#index.change(change);
    return planOf(this.#index);
  }
}
