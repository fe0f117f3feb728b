import { throwIfAborted } from '../../core/base';
import {
  unsnappy,
  type ByteSource,
  type FileFormat,
  type FileGroup,
  type FormatItem,
  type Head,
  type ListedFile,
  type ReadChoices,
} from '../../core/connect';
import { bodiesOf, framingOf, type Body } from './bodies';
import { WriteRequests } from './request';

/**
 * Bodies of Prometheus remote-write requests as they were captured: a snappy block with a WriteRequest (1.0,
 * prometheus.io/docs/specs/prw/remote_write_spec) or a Request (2.0, …/remote_write_spec_2_0). One body a file,
 * or each behind its length (four bytes big-endian, or a varint).
 */
export const remoteWrite: FileFormat = {
  id: 'remote-write',
  title: 'Prometheus remote write, captured bodies',
  tables: ['resources', 'metric_series', 'samples', 'histogram_samples', 'exemplars'],
  sniff,
  describe: () => ({
    signals: ['samples'],
    time: 'ms',
    zone: 'UTC',
    clock: 'the agent that scraped',
    guessed: false,
  }),
  read,
  group,
};

function sniff({ bytes }: Head): { confidence: number; why: string } {
  const framing = framingOf(bytes);
  if (framing === undefined) return { confidence: 0, why: '' };
  const how =
    framing === 'one' ? 'It is a snappy block' : 'It has snappy blocks behind their length';
  return { confidence: 0.96, why: `${how} with series as remote write sends them.` };
}

async function* read(
  source: ByteSource,
  signal: AbortSignal,
  choices?: ReadChoices,
): AsyncGenerator<FormatItem> {
  throwIfAborted(signal);
  const requests = new WriteRequests(choices?.metric);
  const { sink } = requests;
  const parts = source.parts ?? [source];
  for (const part of parts) {
    const framing = framingOf(await startOf(part)) ?? 'one';
    const prefix = parts.length > 1 ? `${part.name}, ` : '';
    for await (const body of bodiesOf(part, framing, signal)) {
      throwIfAborted(signal);
      const { bytes, fault } = body;
      if (bytes.length > 0 || fault !== '') take(requests, { ...body, where: prefix + body.where });
      yield* sink.items();
    }
  }
  if (requests.exemplars > 0) {
    sink.notices.add(
      'exemplars-read',
      'info',
      (n) => `${n} exemplars were read. They stand beside samples and are not counted as such.`,
      requests.exemplars,
    );
  }
  yield* sink.items(true);
}

/** A file for each request: the same name but for its number. What one states of a metric holds for the others. */
const NUMBERED = /^(.*?)\d+(\.(?:bin|snappy|sz|pb|prw|body))?$/;

async function group(files: readonly ListedFile[]): Promise<readonly FileGroup[]> {
  const series = new Map<string, ListedFile[]>();
  for (const file of files) {
    const match = NUMBERED.exec(file.name);
    if (!match || file.size === 0) continue;
    const key = `${match[1] ?? ''}*${match[2] ?? ''}`;
    const known = series.get(key);
    if (known) known.push(file);
    else series.set(key, [file]);
  }
  const groups: FileGroup[] = [];
  for (const [name, found] of series) {
    const [first] = found;
    // One head tells whether the others are worth opening.
    if (found.length < 2 || !first || !framingOf((await first.head()).bytes)) continue;
    const fits: string[] = [];
    for (const file of found) if (framingOf((await file.head()).bytes)) fits.push(file.name);
    fits.sort((a, b) => numberOf(a) - numberOf(b));
    const why = `${fits.length} numbered files with a request each, as remote write sends them.`;
    if (fits.length > 1) groups.push({ name, files: fits, why });
  }
  return groups;
}

const numberOf = (name: string): number => Number(/(\d+)\D*$/.exec(name)?.[1] ?? 0);

/** What of a body can be read becomes rows; what is lost is one dropped record. */
function take(requests: WriteRequests, { where, bytes, fault }: Body): void {
  const content = unsnappy(bytes);
  let reason = fault || content.fault;
  try {
    requests.body(content.bytes, where);
  } catch (error) {
    if (reason === '') reason = error instanceof Error ? error.message : 'it is damaged';
  }
  if (reason !== '') requests.sink.drop('samples', where, `${bytes.length} bytes`, reason);
}

const START = 64 << 10;

async function startOf(source: ByteSource): Promise<Uint8Array> {
  const reader = source.stream().getReader();
  const start = new Uint8Array(START);
  let length = 0;
  try {
    while (length < START) {
      const { done, value } = await reader.read();
      if (done) break;
      const room = value.subarray(0, START - length);
      start.set(room, length);
      length += room.length;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return start.subarray(0, length);
}
