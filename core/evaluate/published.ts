/** What others published on the same sets, for the table beside ours; always over all cases of a set. */
export interface Published {
  readonly set: string;
  readonly method: string;
  readonly cases: string;
  readonly figures: Readonly<Record<string, number>>;
}

const nezha = (set: string, cases: string, rows: readonly [string, number, number, number][]) =>
  rows.map(([method, top1, top3, top5]): Published => {
    return { set, method, cases, figures: { top1, top3, top5 } };
  });

export const PUBLISHED: readonly Published[] = [
  ...nezha('nezha-trainticket', '45 faults', [
    ['Nezha (FSE 2023)', 0.867, 0.978, 0.978],
    ['Nezha without metrics', 0.556, 0.622, 0.689],
    ['Nezha without logs', 0.422, 0.444, 0.444],
    ['MicroRCA', 0.2, 0.311, 0.444],
    ['MicroRank', 0.156, 0.244, 0.356],
  ]),
  ...nezha('nezha-onlineboutique', '56 faults', [
    ['Nezha (FSE 2023), logs too', 0.929, 0.964, 0.964],
    ['Nezha without logs', 0.643, 0.643, 0.643],
    ['PDiagnose', 0.411, 0.732, 0.821],
    ['MicroRCA', 0.161, 0.625, 0.928],
    ['MicroRank', 0.411, 0.482, 0.625],
  ]),
  {
    set: 'petshop',
    method: 'anomaly-graph traversal (arXiv:2311.04806), low and high traffic',
    cases: '52 issues',
    figures: { top1: 0.654, top3: 0.827 },
  },
  {
    set: 'petshop',
    method: 'the same, all traffic',
    cases: '68 issues',
    figures: { top1: 0.706, top3: 0.868 },
  },
  {
    set: 'MicroSS',
    method: 'llama3.3 (Riddell et al., FORGE 2026)',
    cases: '152 faults',
    figures: { ac1: 0.362, ac3: 0.5 },
  },
  {
    set: 'Online-Boutique-cloudbed-1',
    method: 'qwen3:32b with ReAct (Riddell et al.)',
    cases: 'all faults',
    figures: { ac1: 0.271, ac3: 0.471 },
  },
  ...(
    [
      ['ARTime', 74.9, 65.1, 80.4],
      ['Numenta HTM', 70.1, 62.6, 75.2],
      ['CAD OSE', 69.9, 67, 73.2],
    ] as const
  ).map(([method, standard, lowFp, lowFn]): Published => {
    return { set: 'nab', method, cases: '58 series', figures: { standard, lowFp, lowFn } };
  }),
  {
    set: 'tcpd',
    method: 'BinSeg, default setting',
    cases: 'all series',
    figures: { cover: 0.706, f1: 0.744 },
  },
  {
    set: 'loghub-2k',
    method: 'Drain, one setting for all',
    cases: '16 systems',
    figures: { ga: 0.807 },
  },
  {
    set: 'loghub-2k',
    method: 'Brain, tuned per system',
    cases: '16 systems',
    figures: { ga: 0.983 },
  },
];
