import { z } from 'zod';
import { FaultlineError } from '../../base';

/** What the records of a table or of JSON of unknown shape become. */
export const MAPPING_TARGETS = ['logs', 'samples', 'spans', 'alerts', 'changes'] as const;
export type MappingTarget = (typeof MAPPING_TARGETS)[number];

/** Where the value of a field comes from: a column (of JSON also a path, `a.b.0`), or the same for all records. */
export type MapFrom = { readonly column: string } | { readonly constant: string };

/** A field that a target has. */
export interface MappingField {
  readonly name: string;
  readonly required?: boolean;
  /** In a few words, for people. */
  readonly what: string;
}

const PLACE: readonly MappingField[] = [
  { name: 'service', what: 'service.name' },
  { name: 'host', what: 'host.name' },
];
const TRACE: readonly MappingField[] = [
  { name: 'trace_id', what: 'trace id' },
  { name: 'span_id', what: 'span id' },
];
const time = (what: string): readonly MappingField[] => [
  { name: 'time', required: true, what },
  { name: 'date', what: 'the day, where it stands in a column of its own' },
];

export const MAPPING_FIELDS: Readonly<Record<MappingTarget, readonly MappingField[]>> = {
  logs: [
    ...time('when it happened'),
    { name: 'body', required: true, what: 'the message' },
    { name: 'severity', what: 'a word, or 10, 20, 30 …' },
    { name: 'severity_number', what: "OpenTelemetry's number, 1–24" },
    { name: 'observed_time', what: 'when it was collected' },
    ...PLACE,
    ...TRACE,
  ],
  samples: [
    ...time('when it was measured'),
    { name: 'metric', what: "the metric's name, where a row has one value" },
    { name: 'value', what: 'the value, where a row has one' },
    { name: 'unit', what: 'the unit' },
    ...PLACE,
  ],
  spans: [
    ...time('its start'),
    { name: 'name', required: true, what: 'the operation' },
    { name: 'trace_id', required: true, what: 'trace id' },
    { name: 'span_id', required: true, what: 'span id' },
    { name: 'parent_span_id', what: "the parent's span id" },
    { name: 'duration', what: 'how long it took' },
    { name: 'end', what: 'its end, where there is no duration' },
    { name: 'kind', what: 'server, client, internal, producer, consumer, or 0–5' },
    { name: 'status', what: 'ok, error or unset, or 0–2' },
    { name: 'status_message', what: 'what the error says' },
    ...PLACE,
  ],
  alerts: [
    ...time('when it started'),
    { name: 'name', required: true, what: 'the alert' },
    { name: 'end', what: 'when it ended' },
    { name: 'severity', what: 'severity' },
    { name: 'fingerprint', what: 'what identifies it without its time' },
    { name: 'description', what: 'what it says' },
    ...PLACE,
  ],
  changes: [
    ...time('when it was made'),
    { name: 'title', required: true, what: 'what was changed' },
    { name: 'kind', what: 'deployment, config, flag, scale, rollback …' },
    { name: 'version', what: 'version or commit' },
    ...PLACE,
  ],
};

/** Names that a field may have beside those of its target: `resource.k8s.pod.name`, `attribute.region`. */
export const RESOURCE = 'resource.';
export const ATTRIBUTE = 'attribute.';

const from = z.union([
  z.strictObject({ column: z.string().min(1) }),
  z.strictObject({ constant: z.string() }),
]);
const unit = z.enum(['ns', 'µs', 'ms', 's']);

const shape = z.strictObject({
  target: z.enum(MAPPING_TARGETS),
  table: z.string().min(1).optional(),
  records: z.string().min(1).optional(),
  fields: z.record(z.string(), from),
  values: z.array(z.string().min(1)).min(1).optional(),
  time: z
    .strictObject({
      unit: unit.optional(),
      zone: z.string().optional(),
      dayFirst: z.boolean().optional(),
    })
    .optional(),
  duration: unit.optional(),
  decimal: z.enum([',', '.']).optional(),
  header: z.boolean().optional(),
  rest: z.enum(['attributes', 'leave']).optional(),
});

/**
 * Which column is what. `table`: which of a database's tables it is of. `records` (JSON): the list whose objects are
 * the records, by its path; a document without it is a record itself. `values` (samples only): each of these columns is a metric of its name, in place of
 * `metric` and `value`. `time`: unit of numbers, zone of texts that name none, and whether 03/04/2024 is the
 * third of April. `duration`: the unit of spans' durations. `decimal`: the sign before fractions. `header`:
 * false where the first line is a record; columns are called "column 1" and so on then. `rest`: columns
 * that no field names become attributes (labels of alerts and samples), or are left out; the first where it
 * is not said, for samples the second.
 */
export type Mapping = z.infer<typeof shape>;

export const mappingSchema = shape.superRefine((mapping, context) => {
  for (const message of faultsOf(mapping)) context.addIssue({ code: 'custom', message });
});

/** What keeps a mapping from being used; [] where nothing does. */
export function faultsOf({ target, fields, values }: Mapping): readonly string[] {
  const known = MAPPING_FIELDS[target];
  const faults: string[] = [];
  for (const name of Object.keys(fields)) {
    const own = [RESOURCE, ATTRIBUTE].some((p) => name.startsWith(p) && name.length > p.length);
    if (!own && !known.some((field) => field.name === name)) {
      faults.push(`${target} have no field "${name}"`);
    }
  }
  for (const { name, required, what } of known) {
    if (required && !fields[name]) faults.push(`a column for ${name} is missing (${what})`);
  }
  if (target !== 'samples') {
    if (values) faults.push('only samples have columns of values');
  } else if (values && (fields['metric'] || fields['value'])) {
    faults.push('either metric and value, or columns of values');
  } else if (values?.length === 0) {
    faults.push('choose the columns that are metrics');
  } else if (!values && !(fields['metric'] && fields['value'])) {
    faults.push('columns for metric and value are missing, or columns of values');
  }
  return faults;
}

/** A mapping file's content: a mapping with `version`. Throws 'usage' with what is wrong in it. */
export function parseMapping(text: string): Mapping {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FaultlineError('usage', 'The mapping file is not JSON.', { cause });
  }
  const { version, ...rest } = z.record(z.string(), z.unknown()).catch({}).parse(json);
  if (version !== 1) throw new FaultlineError('usage', 'Not a mapping file of "version": 1.');
  const found = mappingSchema.safeParse(rest);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ` : '';
  throw new FaultlineError('usage', `The mapping does not fit: ${where}${issue?.message ?? ''}.`);
}

/** A mapping as its file has it, on one line. */
export const mappingText = (mapping: Mapping): string => JSON.stringify({ version: 1, ...mapping });

/** "time = ts, body = message, service = \"web\"", in the order of the target's fields; labels that keep their names last. */
export function mappingWords({ target, fields, values }: Mapping): string {
  const order = MAPPING_FIELDS[target].map(({ name }) => name);
  const rank = (name: string): number =>
    (order.indexOf(name) + order.length + 1) % (order.length + 1);
  const kept = Object.entries(fields).flatMap(([name, of]) =>
    'column' in of && name === ATTRIBUTE + of.column ? [of.column] : [],
  );
  const words = Object.entries(fields)
    .filter(([name]) => !kept.some((column) => name === ATTRIBUTE + column))
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, of]) => `${name} = ${'column' in of ? of.column : JSON.stringify(of.constant)}`);
  if (values) words.push(`${values.length > 1 ? 'metrics' : 'metric'} = ${values.join(', ')}`);
  const labels = target === 'samples' || target === 'alerts' ? 'labels' : 'attributes';
  if (kept.length > 0) words.push(`${labels} = ${kept.join(', ')}`);
  return words.join(', ');
}
