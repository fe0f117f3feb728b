import { TELEMETRY, TELEMETRY_TABLES, type ColumnType } from '../model';

/** The format of a case file. A newer file is refused, an older one is migrated on open. */
export const FORMAT_VERSION = 4;

/** Tables beside the telemetry. The same column types, without source_id and row_no. */
export const OTHER_TABLES = {
  meta: { key: 'utf8', value: 'utf8' },
  sources: {
    source_id: 'i32',
    connector: 'utf8',
    name: 'utf8',
    endpoint: 'utf8',
    query: 'utf8',
    window_from: 'i64',
    window_to: 'i64',
    rows: 'i64',
    sha256: 'utf8',
    pulled_at: 'i64',
    state: 'utf8',
  },
  cursors: { source_id: 'i32', cursor: 'utf8', row_numbers: 'utf8' },
  notices: {
    source_id: 'i32',
    code: 'utf8',
    severity: 'utf8',
    count: 'i64',
    message: 'utf8',
    detail: 'utf8',
  },
  coverage: {
    source_id: 'i32',
    signal: 'utf8',
    window_from: 'i64',
    window_to: 'i64',
    rows_total: 'i64',
    rows_kept: 'i64',
    sampled: 'bool',
    how: 'utf8',
  },
  clock_offsets: {
    source_id: 'i32',
    shift: 'i64',
    lower: 'i64',
    upper: 'i64',
    anchors: 'i64',
    confidence: 'utf8',
    how: 'utf8',
    applied: 'bool',
    set_at: 'i64',
  },
  entities: { entity_id: 'utf8', kind: 'utf8', name: 'utf8' },
  resource_entities: {
    source_id: 'i32',
    resource_id: 'i64',
    entity_id: 'utf8',
    role: 'utf8',
    provenance: 'utf8',
  },
  entity_merges: {
    merge_id: 'utf8',
    from_id: 'utf8',
    into_id: 'utf8',
    reason: 'utf8',
    state: 'utf8',
    /** Where the chain of accepted merges ends. */
    resolved_id: 'utf8',
  },
  runs: {
    run_id: 'utf8',
    started_at: 'i64',
    methods: 'utf8',
    parameters: 'utf8',
    data_version: 'utf8',
    incident_from: 'i64',
    incident_to: 'i64',
    verdict: 'utf8',
    headline: 'utf8',
    result: 'utf8',
  },
  anomalies: {
    run_id: 'utf8',
    entity_id: 'utf8',
    signal: 'utf8',
    name: 'utf8',
    ts_from: 'i64',
    ts_to: 'i64',
    score: 'f64',
    tail: 'f64',
    baseline_value: 'f64',
    incident_value: 'f64',
    unit: 'utf8',
    query_id: 'utf8',
  },
  log_templates: {
    run_id: 'utf8',
    template_id: 'utf8',
    entity_id: 'utf8',
    template: 'utf8',
    severity: 'i32',
    baseline_count: 'i64',
    incident_count: 'i64',
    first_seen: 'i64',
    is_new: 'bool',
    score: 'f64',
  },
  alert_groups: {
    run_id: 'utf8',
    group_id: 'utf8',
    title: 'utf8',
    severity: 'utf8',
    ts_from: 'i64',
    ts_to: 'i64',
    notifications: 'i64',
  },
  alert_group_members: {
    run_id: 'utf8',
    group_id: 'utf8',
    source_id: 'i32',
    row_no: 'i64',
  },
  rankings: {
    run_id: 'utf8',
    rank: 'i32',
    entity_id: 'utf8',
    score: 'f64',
    confidence: 'f64',
    bucket: 'utf8',
    sentence: 'utf8',
    methods: 'utf8',
  },
  evidence: {
    run_id: 'utf8',
    evidence_id: 'utf8',
    entity_id: 'utf8',
    stance: 'utf8',
    claim: 'utf8',
    query_id: 'utf8',
    version: 'i32',
    parameters: 'utf8',
    value: 'utf8',
    rows: 'i64',
  },
  /** What people add: append-only operations (notes, verdicts, stories). Reserved; nothing writes it yet. */
  edits: {
    edit_id: 'utf8',
    author: 'utf8',
    parents: 'utf8',
    at: 'i64',
    operation: 'utf8',
  },
} as const satisfies Record<string, Record<string, ColumnType>>;

export type OtherTable = keyof typeof OTHER_TABLES;

const SQL_TYPE: Readonly<Record<ColumnType, string>> = {
  i32: 'INTEGER',
  i64: 'BIGINT',
  f64: 'DOUBLE',
  bool: 'BOOLEAN',
  utf8: 'VARCHAR',
  map: 'MAP(VARCHAR, VARCHAR)',
  'f64[]': 'DOUBLE[]',
  'i64[]': 'BIGINT[]',
};

export interface ColumnShape {
  readonly name: string;
  readonly type: string;
}

export interface TableShape {
  readonly name: string;
  readonly columns: readonly ColumnShape[];
}

const PLACE = { source_id: 'i32', row_no: 'i64' } as const;

/** Every table of a case with its columns and SQL types, telemetry first. */
export function tableShapes(): readonly TableShape[] {
  return SHAPES;
}

function shapesOf(): readonly TableShape[] {
  const shape = (name: string, columns: Readonly<Record<string, ColumnType>>): TableShape => ({
    name,
    columns: Object.entries(columns).map(([column, type]) => ({
      name: column,
      type: SQL_TYPE[type],
    })),
  });
  return [
    ...TELEMETRY_TABLES.map((name) => shape(name, { ...PLACE, ...TELEMETRY[name] })),
    ...Object.entries(OTHER_TABLES).map(([name, columns]) => shape(name, columns)),
  ];
}

const SHAPES = shapesOf();

/** The columns of a table that are among `lacking`, as `table.column`. */
export function lackingColumns(table: string, lacking: readonly string[]): readonly ColumnShape[] {
  const columns = SHAPES.find(({ name }) => name === table)?.columns ?? [];
  return columns.filter(({ name }) => lacking.includes(`${table}.${name}`));
}

export function createTableSql({ name, columns }: TableShape): string {
  const list = columns.map((column) => `${quote(column.name)} ${column.type}`).join(', ');
  return `CREATE TABLE ${quote(name)} (${list})`;
}

export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
