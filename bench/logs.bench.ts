import { findLogAnomalies, TemplateMiner } from '../core/analysis';
import { createRng } from '../core/base';

export interface LogsStep {
  readonly step: string;
  readonly lines: number;
  readonly ms: number;
  readonly 'lines/s': number;
  /** Time over that of masking by expressions on the same lines in the same run. */
  readonly 'times masking': number;
}

const WORDS =
  'cache order stock user request timeout lock pool retry commit queue shard lease node'.split(' ');
const TEMPLATES = 300;
const SESSION = 6;

interface Line {
  readonly body: string;
  readonly service: string;
  readonly session: string;
  readonly severity: number;
  readonly inWindow: boolean;
}

/** Lines of 300 templates with one to four variables, in sessions of six; the last fifth is the window. */
function linesOf(count: number): readonly Line[] {
  const rng = createRng(7);
  const word = (): string => WORDS[rng.int(WORDS.length)] ?? '';
  const hex = (): string => rng.int(2 ** 31).toString(16);
  const variables = [() => String(rng.int(1e6)), hex, () => `10.0.${rng.int(99)}.${rng.int(99)}`];
  const templates = Array.from({ length: TEMPLATES }, (_, i) =>
    Array.from({ length: 5 + rng.int(8) }, (_, at) =>
      at > 1 && rng.next() < 0.25
        ? variables[rng.int(3)]
        : at === 0
          ? `${word()}-${word()}`
          : word(),
    ).concat(`of ${WORDS[i % WORDS.length]}`),
  );
  return Array.from({ length: count }, (_, i) => {
    const parts = templates[Math.floor(TEMPLATES * rng.next() ** 2)] ?? [];
    const session = Math.floor(i / SESSION);
    return {
      body: parts.map((part) => (typeof part === 'function' ? part() : part)).join(' '),
      service: `service-${session % 12}`,
      session: `s${session}`,
      severity: 9,
      inWindow: i >= count * 0.8,
    };
  });
}

/** What a script would do: mask numbers and addresses by expressions, and count. */
function masking(lines: readonly Line[]): number {
  const counts = new Map<string, number>();
  for (const { body } of lines) {
    const masked = body
      .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '<*>')
      .replaceAll(/\b(?=[a-f]*\d)[0-9a-f]+\b/g, '<*>');
    counts.set(masked, (counts.get(masked) ?? 0) + 1);
  }
  return counts.size;
}

/** Templates as lines come, and the template of each at the end. */
function templates(lines: readonly Line[]): number {
  const miner = new TemplateMiner();
  const patterns = lines.map(({ body }) => miner.add(body));
  return new Set(patterns.map((pattern) => miner.templateOf(pattern))).size;
}

/** Best of three. */
function timed(work: () => unknown): number {
  let ms = Infinity;
  for (let i = 0; i < 3; i++) {
    const started = performance.now();
    work();
    ms = Math.min(ms, performance.now() - started);
  }
  return ms;
}

/** Lines a second of templates and of anomalies, by number of lines, beside masking by expressions. */
export function logsBench(): readonly LogsStep[] {
  return [10_000, 100_000, 1_000_000].flatMap((count) => {
    const lines = linesOf(count);
    const usual = timed(() => masking(lines));
    const step = (name: string, ms: number): LogsStep => ({
      step: name,
      lines: count,
      ms,
      'lines/s': (1000 * count) / ms,
      'times masking': ms / usual,
    });
    return [
      step('masking by expressions', usual),
      step(
        'templates, streaming',
        timed(() => templates(lines)),
      ),
      step(
        'templates and anomalies',
        timed(() => findLogAnomalies(lines, 0.25)),
      ),
    ];
  });
}
