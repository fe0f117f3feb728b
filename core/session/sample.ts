import { throwIfAborted } from '../base';
import { entityId } from '../model';
import { defaultScenario, simulate, type SimulateOptions } from '../simulate';
import type { CaseStore } from '../store';

/** Rows that gather before they are committed. */
const COMMIT_ROWS = 100_000;

/** Runs the simulator into a case: telemetry, windows and symptom; never the truth. */
export async function writeSample(
  store: CaseStore,
  options: Partial<SimulateOptions>,
  now: bigint,
  signal: AbortSignal | undefined,
  onRows: (rows: number) => void,
): Promise<void> {
  const simulation = simulate({ ...defaultScenario, ...options });
  const { scenario, system, seed, size } = simulation.options;
  const writer = await store.beginSource(
    {
      connector: 'simulator',
      name: `simulated: ${scenario}`,
      endpoint: '',
      query: JSON.stringify({
        scenario,
        system: options.system && system,
        seed,
        size: String(size),
      }),
      window: null,
    },
    now,
  );
  try {
    let rows = 0;
    for (const batch of simulation.batches()) {
      throwIfAborted(signal);
      writer.add(batch);
      rows += batch.rows;
      onRows(rows);
      if (writer.pending >= COMMIT_ROWS) await writer.commit(JSON.stringify({ rows }));
    }
    await writer.finish();
  } catch (error) {
    await store.removeSource(writer.sourceId);
    throw error;
  }
  const { incident, baseline, symptom } = simulation.hints;
  await store.setRequest({
    incident,
    baselines: baseline ? [baseline] : undefined,
    symptom: symptom && entityId('service', symptom['service'] ?? ''),
    symptomMetric: symptom?.['metric'],
  });
}
