import { afterAll, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import { analyze } from '../../core/analysis';
import { formatRfc3339 } from '../../core/base';
import type { AnalysisResult } from '../../core/model';
import { analyzeCase, checkCase } from '../../core/session';
import { openCaseStore } from '../../core/store';
import { opfsCopies } from './opfs-copies';

declare module 'vitest/internal/browser' {
  interface BrowserCommands {
    faultline(
      args: readonly string[],
      bytes?: string,
    ): Promise<{ readonly document: unknown; readonly bytes: string }>;
  }
}

const copies = opfsCopies();
afterAll(() => copies.remove('agree'));

async function* bytesOf(base64: string): AsyncIterable<Uint8Array> {
  yield Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

async function base64Of(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += 16_384) {
      text += String.fromCharCode(...chunk.subarray(at, at + 16_384));
    }
  }
  return btoa(text);
}

/** Equal in the sense of the case format: floats within 1e-9, everything else exactly. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (typeof a === 'number' && typeof b === 'number') {
    const near = Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
    return a === b || near ? [] : [`${path}: ${a} and ${b}`];
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? [] : [`${path}: ${String(a)} and ${String(b)}`];
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) =>
    differences(Reflect.get(a, key), Reflect.get(b, key), `${path}.${key}`),
  );
}

const timeOf = (ns: bigint | undefined): string | null =>
  ns === undefined ? null : formatRfc3339(ns);

/** What both say of a case, as plain JSON. */
function told(result: AnalysisResult): unknown {
  const { ranking, verdict, headline, robustToBaselines } = result;
  return JSON.parse(
    JSON.stringify(
      {
        verdict,
        headline,
        robustToBaselines,
        ranking: ranking.map(({ onset, ...cause }) => ({
          ...cause,
          onset: timeOf(onset),
          propagation: cause.propagation.map(({ steps }) => ({
            steps: steps.map((step) => ({
              ...step,
              onset: timeOf(step.onset),
              delayMs: step.delayMs ?? null,
            })),
          })),
          evidence: cause.evidence.map((evidence) => ({ ...evidence, sql: '', column: '' })),
        })),
      },
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    ),
  );
}

interface Document {
  readonly verdict: string;
  readonly headline: string;
  readonly robustToBaselines: boolean | null;
  readonly ranking: readonly { readonly evidence: readonly { readonly sql: string }[] }[];
}

it(
  'a case made natively opens in WebAssembly, is analysed alike, and goes back',
  { timeout: 300_000 },
  async () => {
    const made = await commands.faultline([
      'sample',
      '--size',
      'small',
      '--seed',
      '4',
      '--case',
      'CASE',
    ]);
    const analysed = await commands.faultline(['analyze', 'CASE'], made.bytes);
    const native = analysed.document as Document;
    await copies.put('agree', bytesOf(analysed.bytes));
    const store = await openCaseStore(await copies.open('agree'), { now: 1n });
    // What was claimed natively is recomputed here: figures, rows and their order.
    const theirs = await checkCase(store);
    expect(theirs.filter(({ state }) => state !== 'holds')).toEqual([]);
    expect(theirs).toHaveLength(native.ranking.flatMap((cause) => cause.evidence).length);
    const { request } = await store.facts();
    const result = await analyzeCase(store, analyze, request, { now: 2n });
    expect(result.verdict).toBe('ranked');
    const { verdict, headline, robustToBaselines, ranking } = native;
    const evidence = ranking.map((cause) => ({
      ...cause,
      evidence: cause.evidence.map((rest) => ({ ...rest, sql: '', column: '' })),
    }));
    expect(
      differences(told(result), { verdict, headline, robustToBaselines, ranking: evidence }),
    ).toEqual([]);
    const checks = await checkCase(store);
    expect(checks.filter(({ state }) => state !== 'holds')).toEqual([]);
    await store.checkpoint();
    const back = await base64Of(copies.read('agree'));
    await store.close();
    const checked = await commands.faultline(['check', 'CASE'], back);
    expect(checked.document).toMatchObject({ claims: checks.length, differs: 0, notCheckable: 0 });
  },
);
