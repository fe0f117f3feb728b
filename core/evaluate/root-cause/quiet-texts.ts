import { createRng, formatRfc3339, type Rng, type TimeWindow } from '../../base';
import type { CaseTexts } from './bed';

/** So many services at most are released at once. */
const DEPLOYS = 3;

/** The case's files and, shortly after the start of `at`, releases that change nothing. */
export function withDeploys(texts: CaseTexts, at: TimeWindow, rng: Rng): CaseTexts {
  const services = [...servicesOf(texts)].sort();
  if (services.length === 0) return texts;
  const count = 1 + rng.int(DEPLOYS);
  const early = Number(at.to - at.from) / 4;
  const lines = Array.from({ length: count }, () => {
    const ts = at.from + BigInt(Math.floor(rng.next() * early));
    const service = services[rng.int(services.length)] ?? '';
    const version = `${1 + rng.int(5)}.${rng.int(40)}.${rng.int(9)}`;
    return JSON.stringify({ ts: formatRfc3339(ts), kind: 'deployment', service, version });
  });
  const name = 'changes.jsonl';
  const known = texts.get(name) ?? '';
  return new Map([...texts, [name, `${known}${lines.join('\n')}\n`]]);
}

function servicesOf(texts: CaseTexts): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [name, text] of texts) {
    const names = name.startsWith('spans.')
      ? text.matchAll(/"service\.name","value":\{"stringValue":"([^"]+)"/g)
      : name.startsWith('metrics.')
        ? text.matchAll(/[{,]service="([^"]+)"/g)
        : [];
    for (const [, service] of names) if (service !== undefined) found.add(service);
  }
  return found;
}

interface Span {
  readonly traceId: string;
  readonly startTimeUnixNano: string;
}

/**
 * The case's files with half of the traces outside `busy`: twice as much traffic came in it. Logs of what is
 * left out go with it. The same files where there are no traces.
 */
export function withDoubledTraffic(texts: CaseTexts, busy: TimeWindow, seed: string): CaseTexts {
  const spans = [...texts].filter(([name]) => name.startsWith('spans.'));
  const begun = new Map<string, bigint>();
  for (const [, text] of spans) {
    for (const { traceId, startTimeUnixNano } of spansIn(text)) {
      const start = BigInt(startTimeUnixNano);
      const known = begun.get(traceId);
      if (known === undefined || start < known) begun.set(traceId, start);
    }
  }
  const rng = createRng(seed);
  const gone = new Set<string>();
  for (const [traceId, start] of [...begun].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const isBusy = start >= busy.from && start < busy.to;
    if (rng.next() < 0.5 && !isBusy) gone.add(traceId);
  }
  const thinned = [...texts].map(([name, text]): readonly [string, string] =>
    /^(spans|logs)\./.test(name) ? [name, without(text, gone)] : [name, text],
  );
  return new Map(thinned);
}

function* spansIn(text: string): Generator<Span> {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const { resourceSpans = [] } = JSON.parse(line) as {
      readonly resourceSpans?: readonly { readonly scopeSpans: readonly { spans: Span[] }[] }[];
    };
    for (const { scopeSpans } of resourceSpans) for (const { spans } of scopeSpans) yield* spans;
  }
}

/** OTLP JSON lines without the records of some traces. */
function without(text: string, gone: ReadonlySet<string>): string {
  return text
    .split('\n')
    .map((line) => {
      if (line === '') return line;
      return JSON.stringify(JSON.parse(line), (key, value: unknown) =>
        (key === 'spans' || key === 'logRecords') && Array.isArray(value)
          ? value.filter((one: Partial<Span>) => !gone.has(one.traceId ?? ''))
          : value,
      );
    })
    .join('\n');
}
