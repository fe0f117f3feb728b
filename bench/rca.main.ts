import { folderCases, scoreOf, simulatedCases, type RcaCase } from './rca';

/** node dist/bench/rca.mjs [simulated | SET_DIR]… : each case and the scores. */
const places = process.argv.slice(2);
for (const place of places.length > 0 ? places : ['simulated']) {
  const cases: RcaCase[] =
    place === 'simulated' ? await simulatedCases([11, 12, 13], 0.3) : await folderCases(place);
  for (const { id, truth, rank, verdict, top, ms } of cases) {
    const cells = [
      id,
      String(truth),
      String(rank),
      verdict,
      `${ms.toFixed(0)} ms`,
      top.join(' | '),
    ];
    console.log(cells.join('  '));
  }
  console.log(JSON.stringify(scoreOf(place, cases)));
}
