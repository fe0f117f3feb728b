import { FaultlineError } from './errors';

/** Things with an id, registered once. A second registration of an id is a programming error. */
export class Registry<T extends { readonly id: string }> {
  readonly #items = new Map<string, T>();

  constructor(private readonly what: string) {}

  register(item: T): void {
    if (this.#items.has(item.id)) {
      throw new FaultlineError('internal', `The ${this.what} "${item.id}" is registered twice.`);
    }
    this.#items.set(item.id, item);
  }

  get(id: string): T {
    const item = this.#items.get(id);
    if (item) return item;
    const known = [...this.#items.keys()].join(', ');
    throw new FaultlineError('not-found', `There is no ${this.what} "${id}". Known: ${known}.`);
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  all(): readonly T[] {
    return [...this.#items.values()];
  }
}
