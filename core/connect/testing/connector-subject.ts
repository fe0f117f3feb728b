import type { TimeWindow } from '../../base';
import type { Signal, TelemetryTable } from '../../model';
import type { ConnectorFactory, Upstream, UpstreamRequest } from '..';
import type { Row } from './import';
import type { Tables } from './pulled';

type Keys = Readonly<Partial<Record<TelemetryTable, readonly string[]>>>;

/** A connector and a running server that holds data known to the test. */
export interface ConnectorSubject {
  readonly factory: ConnectorFactory;
  readonly config?: Readonly<Record<string, string>>;
  /** The real server, with the right credentials where it wants some. */
  readonly upstream: Upstream;
  readonly product: RegExp;
  readonly version: RegExp;
  /** Two at least, so that a baseline is brought along. */
  readonly windows: readonly TimeWindow[];
  readonly select?: readonly string[];
  /** What discover() must say, by item id; null where the backend can't count. */
  readonly counts: Readonly<Record<string, number | null>>;
  /** One text a row, of what must come; found without the connector. */
  readonly expected: Keys;
  /** The same texts of what came. */
  keysOf(table: TelemetryTable, tables: Tables): readonly string[];
  /** A budget below what is there. */
  readonly budget: BudgetCase;
  /** A query that fails for good, and what comes all the same. */
  readonly failing: FailingCase;
  /** An upstream with wrong credentials; where the server has none, through `startAuthProxy`. */
  readonly wrong: Upstream;
  /** Nothing listens there. */
  readonly dead: Upstream;
  /** Every secret in use, right and wrong: they may be seen nowhere. */
  readonly secrets: readonly string[];
}

export interface BudgetCase {
  readonly rows: number;
  readonly signal: Signal;
  /** Records of the signal over all windows, by the oracle. */
  readonly total: number;
  /** Rows that are kept whole, e.g. spans of traces with an error. */
  readonly whole?: (table: TelemetryTable, row: Row, tables: Tables) => boolean;
  /** How far chance may carry a hashed sample over the budget: 1.2 unless said. */
  readonly tolerance?: number;
  /**
   * True where the rows under a budget are others than without (a coarser step) rather than some of them.
   */
  readonly coarser?: boolean;
}

export interface FailingCase {
  readonly request: (request: UpstreamRequest) => boolean;
  /** Answered in place of the server: a status that is not worth a repeat, 500 unless said. */
  readonly status?: number;
  /** What the notice must name. */
  readonly missing: string | RegExp;
  /** Texts as in `expected` of what comes all the same. */
  readonly kept: Keys;
}

export interface Skipped {
  readonly skipped: string;
}
