import { z } from 'zod';
import { coveredSeconds } from '../../model/queries';
import { defineAnalysis } from '../seam';
import { known } from '../stats';
import { queryWindows } from '../windows';

/** Seconds of a window in which a signal was recorded at all. */
export interface Covered {
  readonly base: number;
  readonly incident: number;
}

export interface Coverage {
  readonly spans: Covered;
  readonly logs: Covered;
  /** Rows by 'signal/window', window 0 the baseline, 1 the incident. */
  readonly rows: ReadonlyMap<string, number>;
  /** What each entity has, by 'entity/signal'. */
  readonly entities: ReadonlyMap<string, EntityCover>;
}

/** Rows of an entity and seconds with at least one, baseline and incident. */
export interface EntityCover {
  readonly rows: readonly [number, number];
  readonly seconds: readonly [number, number];
}

export const coverage = defineAnalysis({
  id: 'detect.coverage',
  kind: 'detect',
  version: 2,
  title: 'Counting what is there',
  cite: 'seconds with at least one row',
  params: z.object({}),
  uses: {},
  inputs: ({ incident, baseline }) => ({
    covered: coveredSeconds(queryWindows(incident, baseline)),
  }),
  run: ({ frames: { covered } }): Coverage => {
    const { col } = covered;
    const seconds = new Map<string, number>();
    const rows = new Map<string, number>();
    const entities = new Map<string, { rows: [number, number]; seconds: [number, number] }>();
    for (let i = 0; i < covered.rows; i++) {
      const entity = col.entity_id[i] ?? '';
      if (entity !== '') {
        const own = `${entity}/${col.signal[i]}`;
        const cover = entities.get(own) ?? { rows: [0, 0], seconds: [0, 0] };
        const win = col.win[i] === 1 ? 1 : 0;
        cover.rows[win] = known(col.rows[i]);
        cover.seconds[win] = known(col.seconds[i]);
        entities.set(own, cover);
        continue;
      }
      const key = `${col.signal[i]}/${col.win[i]}`;
      seconds.set(key, known(col.seconds[i]));
      rows.set(key, known(col.rows[i]));
    }
    const of = (signal: string): Covered => ({
      base: seconds.get(`${signal}/0`) ?? 0,
      incident: seconds.get(`${signal}/1`) ?? 0,
    });
    return { spans: of('spans'), logs: of('logs'), rows, entities };
  },
});
