import { createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FaultlineError } from '../../../core/base';
import { writeSample } from '../../../core/session';
import {
  defaultScenario,
  scenarios,
  simulate,
  systems,
  systemsOf,
  writeCaseFolder,
  type SimulateOptions,
} from '../../../core/simulate';
import { withCase, type Context } from '../context';
import { table } from '../output';

export interface SampleFlags {
  readonly scenario?: string;
  readonly system?: string;
  readonly seed?: string;
  readonly size?: string;
  readonly case?: string;
  readonly out?: string;
  readonly list?: boolean;
}

export async function sampleCommand(flags: SampleFlags, context: Context): Promise<void> {
  const { out } = context;
  if (flags.list) {
    return out.result({ schema: 1, scenarios, systems }, listText);
  }
  if ((flags.case === undefined) === (flags.out === undefined)) {
    throw new FaultlineError('usage', 'Say where to: --case FILE or --out DIR.');
  }
  const options = sampleOptions(flags);
  const rows = flags.out
    ? await writeFolder(flags.out, options, context)
    : await writeCase(flags.case ?? '', options, context);
  const where = flags.out ?? flags.case ?? '';
  out.result({ schema: 1, ...options, size: String(options.size), where, rows }, () =>
    [`${options.scenario}, seed ${options.seed}: ${rows} rows in ${where}`].join('\n'),
  );
}

function listText(): string {
  const rows = scenarios.map(({ id, title }) => {
    const able = systemsOf(id);
    return [id, title, able.length === systems.length ? 'all' : able.join(', ')];
  });
  return [
    table(['scenario', 'what happens', 'in'], rows),
    table(
      ['system', 'what it is'],
      systems.map(({ id, title }) => [id, title]),
    ),
  ].join('\n\n');
}

function sampleOptions(flags: SampleFlags): SimulateOptions {
  const scenario = flags.scenario ?? defaultScenario.scenario;
  if (!scenarios.some(({ id }) => id === scenario)) {
    const known = scenarios.map(({ id }) => id).join(', ');
    throw new FaultlineError('usage', `No scenario "${scenario}". Known: ${known}.`);
  }
  const seed = flags.seed === undefined ? defaultScenario.seed : Number(flags.seed);
  if (!Number.isInteger(seed)) throw new FaultlineError('usage', `Not a seed: ${flags.seed}.`);
  const { system } = flags;
  if (system !== undefined && !systems.some(({ id }) => id === system)) {
    const known = systems.map(({ id }) => id).join(', ');
    throw new FaultlineError('usage', `No system "${system}". Known: ${known}.`);
  }
  const where = system === undefined ? {} : { system };
  return { ...defaultScenario, scenario, ...where, seed, size: sizeOf(flags.size) };
}

function sizeOf(text: string | undefined): SimulateOptions['size'] {
  if (text === undefined) return defaultScenario.size;
  if (text === 'small' || text === 'sample' || text === 'large') return text;
  const factor = Number(text);
  if (Number.isFinite(factor) && factor > 0) return factor;
  throw new FaultlineError('usage', `Not a size: "${text}". Use small, sample, large or a factor.`);
}

async function writeCase(
  file: string,
  options: SimulateOptions,
  context: Context,
): Promise<number> {
  return withCase(file, 'create', context, async (store) => {
    let rows = 0;
    await writeSample(store, options, context.now(), context.signal, (n) => {
      rows = n;
      context.out.progress(`${n} rows`);
    });
    return rows;
  });
}

async function writeFolder(
  folder: string,
  options: SimulateOptions,
  context: Context,
): Promise<number> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new FaultlineError('usage', `The folder ${folder} is not empty; it is left as it is.`);
  }
  const result = await writeCaseFolder(simulate(options), async (name, chunks) => {
    context.out.progress(name);
    const file = createWriteStream(join(folder, name));
    const source = Readable.from(chunks);
    if (name.endsWith('.gz')) await pipeline(source, createGzip(), file);
    else await pipeline(source, file);
  });
  return result.rows;
}
