// node scripts/fuzz.mjs [--inputs N] [--seed S] [--only FORMAT]: damages every sample at random. No crash, no hang over
// five seconds, no row invented; a failing input can be made again by its seed.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openNativeDatabase } from '../app/node';
import { formats } from '../connectors';
import { createRng } from '../core/base';
import { sampleFolders } from '../core/connect/testing/formats-doc';
import { mutate } from '../core/connect/testing/mutate';
import {
  readSample,
  rowTotals,
  sampleFiles,
  type SampleFile,
  type SampleResult,
} from '../core/connect/testing/samples';

const HANG_MS = 5000;
const tools = { openDatabase: openNativeDatabase };

interface Subject {
  readonly format: string;
  readonly label: string;
  readonly files: readonly SampleFile[];
}

interface Message {
  readonly done: number;
  readonly slowest: number;
  readonly failure?: string;
  readonly at: string;
}

function subjects(only: string | undefined): readonly Subject[] {
  return sampleFolders(join(process.cwd(), 'connectors')).flatMap(({ folder, path, samples }) =>
    samples
      .filter(({ format }) => only === undefined || only === format)
      .map(({ format, file }) => ({
        format,
        label: `${folder}/${file}`,
        files: sampleFiles(path, file),
      })),
  );
}

/** What comes of a sample that nothing happened to. */
interface Whole {
  readonly rows: number;
  readonly signals: ReadonlySet<string>;
}

const NOTHING: Whole = { rows: 0, signals: new Set() };

function signalsOf({ reports }: SampleResult): ReadonlySet<string> {
  const parts = reports.flatMap((report) => report.parts).filter(({ rows }) => rows > 0);
  return new Set(parts.map(({ signal }) => signal));
}

/** One damaged input: why it is wrong, or ''. Every third is left to sniffing, the others read as what they were. */
async function trial(
  subject: Subject,
  seed: string,
  whole: Whole,
  trialNo: number,
): Promise<string> {
  const random = createRng(seed);
  const at = random.int(Math.max(1, subject.files.length));
  const file = subject.files[at];
  if (!file) return '';
  const { bytes, what, mayAdd } = mutate(file.bytes, random);
  const given = subject.files.map((one, i) => (i === at ? { name: one.name, bytes } : one));
  const as = trialNo % 3 === 0 ? undefined : subject.format;
  try {
    const result = await readSample(given, formats, { as, tools });
    const found = rowTotals(result);
    // A sniffed file may be taken for another format, whose rows are not comparable.
    const same = result.reports.every((report) => report.format === subject.format);
    // Nor those of a table whose names of columns were damaged: log records of one become samples of another.
    const alike = [...signalsOf(result)].every((signal) => whole.signals.has(signal));
    if (same && alike && found.rows > whole.rows + mayAdd) {
      return `${what}: ${found.rows} rows of ${whole.rows}`;
    }
    const silent = result.reports.some(
      ({ state, notices }) => state === 'failed' && notices.length === 0,
    );
    return silent ? `${what}: failed without a notice` : '';
  } catch (error) {
    return `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

async function work({ inputs, seed, only }: Options): Promise<void> {
  const all = subjects(only);
  const wholes = new Map<Subject, Whole>();
  for (const subject of all) {
    const whole = await readSample(subject.files, formats, { as: subject.format, tools });
    wholes.set(subject, { rows: rowTotals(whole).rows, signals: signalsOf(whole) });
  }
  let slowest = 0;
  for (let n = 0; n < inputs; n++) {
    const subject = all[n % all.length];
    if (!subject) return;
    const own = `${seed} ${n}`;
    const at = `${subject.label}, seed "${own}"`;
    if (n % 50 === 0) parentPort?.postMessage({ done: n, slowest, at } satisfies Message);
    const started = performance.now();
    const failure = await trial(subject, own, wholes.get(subject) ?? NOTHING, n);
    slowest = Math.max(slowest, performance.now() - started);
    if (failure) parentPort?.postMessage({ done: n, slowest, failure, at } satisfies Message);
  }
  parentPort?.postMessage({ done: inputs, slowest, at: '' } satisfies Message);
}

interface Options {
  readonly inputs: number;
  readonly seed: string;
  readonly only?: string;
}

/** Runs in a thread, so that an endless loop is seen from outside. */
async function main(options: Options): Promise<number> {
  const started = performance.now();
  let last: Message = { done: 0, slowest: 0, at: 'the start' };
  let heard = performance.now();
  const failures: string[] = [];
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: options });
  const ended = await new Promise<string>((resolve) => {
    // Fifty inputs stand between two words of the thread.
    const watch = setInterval(() => {
      if (performance.now() - heard > HANG_MS * 20) resolve(`no word since ${last.at}`);
    }, 1000);
    worker.on('message', (message: Message) => {
      heard = performance.now();
      last = message;
      if (message.failure !== undefined && failures.length < 50) {
        failures.push(`${message.at}: ${message.failure}`);
      }
    });
    worker.on('error', (error) =>
      resolve(`crashed after ${last.at}: ${error.stack ?? error.message}`),
    );
    worker.on('exit', () => resolve(''));
    worker.on('exit', () => clearInterval(watch));
  });
  await worker.terminate();
  for (const failure of failures) console.log(`FAILED ${failure}`);
  if (ended) console.log(`FAILED ${ended}`);
  if (last.slowest > HANG_MS) console.log(`FAILED an input took ${Math.round(last.slowest)} ms`);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${last.done} inputs over ${formats.length} formats in ${seconds.toFixed(1)} s, slowest ${Math.round(last.slowest)} ms, ${failures.length} failures`,
  );
  return failures.length > 0 || ended || last.slowest > HANG_MS ? 1 : 0;
}

function flag(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

if (isMainThread) {
  const only = flag('only');
  process.exit(
    await main({
      inputs: Number(flag('inputs') ?? 10_000),
      seed: flag('seed') ?? '1',
      ...(only === undefined ? {} : { only }),
    }),
  );
} else await work(workerData as Options);
