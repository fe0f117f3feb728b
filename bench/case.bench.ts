import { openNativeEngine } from '../app/node';
import { formats } from '../connectors';
import { analyze } from '../core/analysis';
import type { ByteSource } from '../core/connect';
import { analyzeCase, importFiles } from '../core/session';
import { simulate, writeCaseFolder } from '../core/simulate';
import { openCaseStore } from '../core/store';

export interface CaseStep {
  readonly step: string;
  readonly rows: number;
  readonly ms: number;
  readonly rowsPerSecond: number;
  readonly rssMb: number;
}

/** Memory of the process, engine included, now. */
const rssMb = (): number => process.memoryUsage.rss() / 1e6;

function step(name: string, rows: number, ms: number): CaseStep {
  return { step: name, rows, ms, rowsPerSecond: (rows * 1000) / ms, rssMb: rssMb() };
}

/** A simulated incident as plain files in memory; the truth stays out. */
async function simulatedFiles(size: number): Promise<readonly ByteSource[]> {
  const files: ByteSource[] = [];
  await writeCaseFolder(
    simulate({ scenario: 'slow-query', seed: 14, size }),
    async (path, chunks) => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const chunk of chunks) parts.push(Uint8Array.from(chunk));
      const blob = new Blob(parts);
      const name = path.replace(/\.gz$/, '');
      if (name !== 'truth.json') files.push({ name, size: blob.size, stream: () => blob.stream() });
    },
  );
  return files;
}

/** Import of every signal's file into one case, then the analysis; each step with its time. */
export async function caseBench(): Promise<readonly CaseStep[]> {
  const files = await simulatedFiles(1.7);
  const steps: CaseStep[] = [];
  const store = await openCaseStore(await openNativeEngine({}), { now: 1n, create: { name: 'b' } });
  try {
    const signal = new AbortController().signal;
    for (const file of files) {
      const started = performance.now();
      const [report] = await importFiles(store, [file], 1n, { formats, signal });
      const rows = report?.parts.reduce((sum, part) => sum + part.rows, 0) ?? 0;
      const signals = report?.parts.map((part) => part.signal).join('+');
      if (rows > 0) steps.push(step(`import ${signals}`, rows, performance.now() - started));
    }
    const total = steps.reduce((sum, { rows }) => sum + rows, 0);
    const started = performance.now();
    const { request } = await store.facts();
    const { verdict } = await analyzeCase(store, analyze, request, { now: 2n });
    if (verdict !== 'ranked') throw new Error('The simulated incident was not ranked.');
    steps.push(step('analyze', total, performance.now() - started));
  } finally {
    await store.close();
  }
  return steps;
}
