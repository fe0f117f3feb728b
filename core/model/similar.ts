/** One thing that an incident looked like, to be compared between cases. */
export interface Mark {
  /** Hash of the trait: the same in every case that has it. It tells nothing of what the case holds. */
  readonly key: string;
  /** Beside other traits, before its rarity counts. */
  readonly weight: number;
}

export interface Trait extends Mark {
  /** For people. */
  readonly text: string;
}

/** How alike another incident is. */
export interface Likeness {
  /** Which of those compared. */
  readonly index: number;
  /** 0 (nothing in common) to 1 (the same traits). */
  readonly score: number;
  /** What both have, the most telling first, a few of them; and how many there are. */
  readonly shared: readonly string[];
  readonly sharedCount: number;
}
