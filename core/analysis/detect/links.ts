import { z } from 'zod';
import { linkTails } from '../../model/queries';
import { defineAnalysis } from '../seam';
import type { LinkTail } from '../shifts';
import { known } from '../stats';
import { entityResolver } from '../topology/names';
import { queryWindows } from '../windows';

/** Calls of the incident by the hosts at both ends, and how many were unusually long on the way. */
export const links = defineAnalysis({
  id: 'detect.links',
  kind: 'detect',
  version: 1,
  title: 'Counting calls that were long on the way',
  cite: 'exceedances of an upper percentile of the baseline; Pickands (Annals of Statistics 1975)',
  params: z.object({}),
  uses: {},
  inputs: ({ incident, baseline }) => ({ links: linkTails(queryWindows(incident, baseline)) }),
  run: ({
    frames: {
      links: { rows, col },
    },
    scope,
  }): readonly LinkTail[] => {
    const resolve = entityResolver(scope.entities);
    const found: LinkTail[] = [];
    for (let i = 0; i < rows; i++) {
      if (col.win[i] !== 1) continue;
      found.push({
        source: col.source[i] ?? '',
        target: resolve(col.target[i] ?? ''),
        hosts: [col.source_host[i] ?? '', col.target_host[i] ?? ''],
        spoke: col.spoke[i] === 1,
        n: known(col.n[i]),
        slow: known(col.slow[i]),
      });
    }
    return found;
  },
});
