import { z } from 'zod';
import { FaultlineError } from '../../base';

const text = z.string();
const change = z.union([
  text,
  z.object({ title: text.nullish(), service: text.nullish(), version: text.nullish() }),
]);

const cause = z.object({
  service: text.nullish(),
  instance: text.nullish(),
  node: text.nullish(),
  host: text.nullish(),
  kind: text.nullish(),
  metric: text.nullish(),
  region: z.union([text, z.array(text)]).nullish(),
  change: change.nullish(),
});

const truthFile = z.object({
  root_cause: z.union([cause, z.array(cause)]).nullish(),
  /** Where two things broke at once. */
  root_causes: z.array(cause).nullish(),
  level: text.nullish(),
});

type Cause = z.infer<typeof cause>;

/** The answer to a case. Only evaluation reads it. */
export interface Truth {
  /** What was at fault, at `level`; none in a quiet case. */
  readonly names: readonly string[];
  readonly instances: readonly string[];
  readonly level: 'service' | 'instance' | 'host';
  readonly kind: string;
  readonly metrics: readonly string[];
  /** Log positions around the code at fault. */
  readonly region: readonly string[];
  /** Each a list of words that name the change. */
  readonly changes: readonly (readonly string[])[];
}

/** Errors: 'format/damaged' where it is no truth. */
export function parseTruth(json: string, where: string): Truth {
  const parsed = truthFile.safeParse(JSON.parse(json));
  if (!parsed.success) {
    throw new FaultlineError('format/damaged', `${where} is not a truth that can be scored.`, {
      detail: { issue: parsed.error.issues[0]?.message ?? '' },
    });
  }
  const { root_cause: one, root_causes: several, level } = parsed.data;
  return truthOf([...(several ?? (one ? [one].flat() : []))], level ?? 'service');
}

export function truthOf(causes: readonly Cause[], word: string): Truth {
  const level = /host|node/.test(word)
    ? 'host'
    : /instance|pod/.test(word)
      ? 'instance'
      : 'service';
  const present = <T>(values: readonly (T | null | undefined)[]): T[] =>
    values.filter(
      (value): value is NonNullable<typeof value> => value !== null && value !== undefined,
    );
  return {
    names: present(causes.map((c) => nameAt(c, level))),
    instances: present(causes.map((c) => c.instance)),
    level,
    kind: present(causes.map((c) => c.kind)).join(' + '),
    metrics: present(causes.map((c) => c.metric)),
    region: present(causes.flatMap((c) => c.region)),
    changes: present(causes.map((c) => c.change)).map((c) =>
      typeof c === 'string' ? [c] : present([c.title, c.service, c.version]),
    ),
  };
}

function nameAt(one: Cause, level: Truth['level']): string | null | undefined {
  if (level === 'host') return one.node ?? one.host ?? one.service;
  if (level === 'instance') return one.instance ?? one.service;
  return one.service ?? one.instance;
}
