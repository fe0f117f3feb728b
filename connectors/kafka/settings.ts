import { z } from 'zod';
import { asFaultlineError } from '../../core/base';
import { parseMapping, type Mapping } from '../../core/connect';
import { PAYLOADS } from './payload';

/** An explicit stretch of offsets of a partition, [from, to); `to` missing means to the end. */
export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number | undefined;
}

export interface KafkaSettings {
  /** True for topics that were asked for by name or pattern; undefined where none were. */
  readonly topics: ((name: string) => boolean) | undefined;
  readonly payload: (typeof PAYLOADS)[number] | undefined;
  /** What JSON of unknown shape becomes. */
  readonly mapping: Mapping | undefined;
  readonly offsets: readonly OffsetRange[] | undefined;
  /** How much later than made a record may have come to Kafka, in milliseconds. */
  readonly lateMs: number;
  readonly fetchBytes: number;
}

export const LATE_S = 60;
export const FETCH_KIB = 1024;

const RANGE = /^(.+)\/(\d{1,6})=(\d{1,15})-(\d{1,15})?$/;

export const config = z.strictObject({
  topics: z.string().optional(),
  payload: z.enum(['auto', ...PAYLOADS]).optional(),
  mapping: z
    .string()
    .superRefine((text, context) => {
      const fault = mappingFault(text);
      if (fault !== '') context.addIssue({ code: 'custom', message: fault });
    })
    .optional(),
  offsets: z
    .string()
    .refine((text) => rangesOf(text) !== undefined, {
      message: 'Write topic/partition=from-to, e.g. app-logs/0=100-200, app-logs/1=50-',
    })
    .optional(),
  late: z
    .string()
    .regex(/^\d{1,6}$/, 'A number of seconds, 0 to 999999.')
    .optional(),
  fetch: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'A number of KiB, 1 to 999999.')
    .optional(),
});

export function settingsOf(given: z.output<typeof config>): KafkaSettings {
  const patterns = words(given.topics ?? '');
  const payload = given.payload === 'auto' ? undefined : given.payload;
  const offsets = rangesOf(given.offsets ?? '') ?? [];
  return {
    topics: patterns.length === 0 ? undefined : matcher(patterns),
    payload,
    mapping: mappingOf(given.mapping),
    offsets: offsets.length === 0 ? undefined : offsets,
    lateMs: Number(given.late ?? LATE_S) * 1000,
    fetchBytes: Number(given.fetch ?? FETCH_KIB) << 10,
  };
}

const mappingOf = (text = ''): Mapping | undefined =>
  text.trim() === '' ? undefined : parseMapping(text);

function mappingFault(text: string): string {
  try {
    mappingOf(text);
    return '';
  } catch (error) {
    return asFaultlineError(error).message;
  }
}

const words = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean);

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const escaped = patterns.map((pattern) =>
    pattern
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*'),
  );
  const whole = new RegExp(`^(?:${escaped.join('|')})$`);
  return (name) => whole.test(name);
}

/** Undefined where a part of the text is no range. */
function rangesOf(text: string): readonly OffsetRange[] | undefined {
  const ranges: OffsetRange[] = [];
  for (const word of words(text)) {
    const [, topic, partition, from, to] = RANGE.exec(word) ?? [];
    if (topic === undefined) return undefined;
    const end = to === undefined ? undefined : Number(to);
    if (end !== undefined && end <= Number(from)) return undefined;
    ranges.push({ topic, partition: Number(partition), from: Number(from), to: end });
  }
  return ranges;
}
