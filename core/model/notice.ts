/**
 * Something that a person must know about what they see: truncated, skipped, sampled, late, defaulted,
 * guessed. Never a secret, never silent.
 */
export interface Notice {
  /** Stable, kebab-case, e.g. 'rows-sampled', 'records-dropped', 'counter-reset'. */
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** How many rows, records or series it is about. */
  readonly count: number;
  /** One plain sentence with units and what to do. */
  readonly message: string;
  /** Small JSON-safe facts (examples, query, endpoint without secrets). */
  readonly detail?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}
