import type { Batch } from '../model';
import { Channel } from './channel';
import type { Simulation } from './simulate';
import { OpenMetricsText } from './write-openmetrics';
import { i64, maps, recordAt } from './columns';
import { OtlpLines } from './write-otlp';
import { alertLines, caseText, changeLines, topologyText, truthText } from './write-records';

/**
 * Takes one file of a case folder. The chunks are plain text; where the name ends in .gz the sink
 * compresses. The sinks of one folder run at the same time: each must read its chunks as they come.
 */
export type FileSink = (name: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>;

export interface WrittenFolder {
  readonly files: readonly string[];
  /** Telemetry rows: spans, log records, samples, alerts and changes. */
  readonly rows: number;
}

const COUNTED: ReadonlySet<string> = new Set(['spans', 'logs', 'samples', 'alerts', 'changes']);

/** Writes a simulation as a case folder of the benchmark sets' layout, with the truth beside it. */
export async function writeCaseFolder(sim: Simulation, sink: FileSink): Promise<WrittenFolder> {
  const writer = new FolderWriter(sink);
  let rows = 0;
  try {
    for (const batch of sim.batches()) {
      if (COUNTED.has(batch.table)) rows += batch.rows;
      await writer.add(batch);
    }
    await writer.finish(sim);
  } catch (error) {
    await writer.close();
    throw error;
  }
  return { files: await writer.close(), rows };
}

class FolderWriter {
  private readonly otlp = new OtlpLines();
  private readonly metrics = new OpenMetricsText();
  private readonly resources = new Map<bigint, Record<string, string>>();
  private readonly open = new Map<string, { channel: Channel; done: Promise<void> }>();
  private readonly encoder = new TextEncoder();

  constructor(private readonly sink: FileSink) {}

  async add(batch: Batch): Promise<void> {
    this.metrics.add(batch);
    const lines = this.otlp.add(batch);
    switch (batch.table) {
      case 'resources':
        for (let i = 0; i < batch.rows; i++) {
          const id = i64(batch.columns[0])[i]!;
          this.resources.set(id, recordAt(maps(batch.columns[1]), i));
        }
        return;
      case 'spans':
        return this.write('spans.otlp.jsonl.gz', lines);
      case 'logs':
        return this.write('logs.otlp.jsonl.gz', lines);
      case 'alerts':
        return this.write('alerts.jsonl.gz', alertLines(batch));
      case 'changes':
        return this.write('changes.jsonl.gz', changeLines(batch, this.resources));
      case 'stated_relations':
        return this.write('topology.json', topologyText(batch));
      default:
    }
  }

  async finish(sim: Simulation): Promise<void> {
    for (const text of this.metrics.text()) await this.write('metrics.om.txt.gz', text);
    await this.write('case.json', caseText(sim));
    await this.write('truth.json', truthText(sim));
  }

  /** Ends all files and waits for their sinks; the first error of a sink is thrown then. */
  async close(): Promise<readonly string[]> {
    for (const { channel } of this.open.values()) channel.close();
    await Promise.allSettled([...this.open.values()].map(({ done }) => done));
    for (const { done } of this.open.values()) await done;
    return [...this.open.keys()];
  }

  private async write(name: string, text: string): Promise<void> {
    let file = this.open.get(name);
    if (!file) {
      const channel = new Channel();
      // A sink that fails or stops reading must not hold up the others; its error comes out of close().
      const done = this.sink(name, channel).finally(() => channel.abandon());
      done.catch(() => {});
      file = { channel, done };
      this.open.set(name, file);
    }
    await file.channel.push(this.encoder.encode(text));
  }
}
