import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFormat } from '..';
import { samplesOf, type SampleOrigin } from './samples';

export interface SampleFolder {
  /** Its name under connectors/. */
  readonly folder: string;
  readonly path: string;
  readonly samples: readonly SampleOrigin[];
}

/** Every folder under connectors/ that has samples. */
export function sampleFolders(connectors: string): readonly SampleFolder[] {
  return readdirSync(connectors)
    .sort()
    .map((folder) => ({ folder, path: join(connectors, folder) }))
    .filter(({ path }) => existsSync(join(path, 'samples/origin.json')))
    .map(({ folder, path }) => ({ folder, path, samples: samplesOf(path) }));
}

const isDamaged = ({ file }: SampleOrigin): boolean => file.startsWith('damaged-');

/** docs/FORMATS.md: one line a format, so that branches that add formats don't meet in a line. */
export function formatsMarkdown(
  formats: readonly FileFormat[],
  folders: readonly SampleFolder[],
): string {
  const all = folders.flatMap(({ folder, samples }) =>
    samples.map((sample) => ({ ...sample, folder })),
  );
  const rows = [...formats]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((format) =>
      rowOf(
        format,
        all.filter((sample) => sample.format === format.id),
      ),
    );
  return `${INTRO}\n${HEAD}\n${rows.join('\n')}\n`;
}

const INTRO = `# File formats

What Faultline opens. A file is taken for what its content says, never for its name. Plain, gzip, zstd, zip and tar files,
one within another, a folder, many files at once and standard input all go the same way. \`node scripts/formats.mjs\` reads
every sample in one import and prints what comes of it; \`node scripts/formats.mjs --write\` writes this page from the
registry and the samples' \`origin.json\`; \`node scripts/fuzz.mjs\` damages every sample at random.

*Genuine* samples were written by the tool that is named; the others after its documentation, because the tool does not
start where the samples are made. Every sample has a twin that is damaged on purpose.
`;

const HEAD = `| format | id | signals | samples | damaged | written by | genuine | licence |
| --- | --- | --- | --- | --- | --- | --- | --- |`;

function rowOf(
  format: FileFormat,
  samples: readonly (SampleOrigin & { readonly folder: string })[],
): string {
  const whole = samples.filter((sample) => !isDamaged(sample));
  const list = (of: readonly (SampleOrigin & { readonly folder: string })[]): string =>
    of
      .map(
        (sample) =>
          `[${sample.file}](../connectors/${sample.folder}/samples/${sample.file}): ${outcome(sample)}`,
      )
      .join('<br>');
  const once = (of: readonly string[]): string => [...new Set(of)].join('<br>');
  const cells = [
    format.title,
    `\`${format.id}\``,
    once(samples.flatMap(({ rows }) => Object.keys(rows))),
    list(whole),
    list(samples.filter(isDamaged)),
    once(whole.map(({ tool }) => tool)),
    once(whole.map(({ genuine }) => (genuine ? 'yes' : 'no'))),
    once(whole.map(({ licence }) => licence)),
  ];
  return `| ${cells.map((cell) => (cell === '' ? '–' : cell.replaceAll('|', '\\|'))).join(' | ')} |`;
}

/** "72 logs, 5 dropped, 2 notices" */
function outcome({ rows, dropped, notices }: SampleOrigin): string {
  const kept = Object.entries(rows).map(([signal, count]) => `${count} ${signal}`);
  return [
    ...(kept.length === 0 ? ['no rows'] : kept),
    ...(dropped > 0 ? [`${dropped} dropped`] : []),
    ...(notices.length > 0 ? [`notices: ${[...new Set(notices)].join(', ')}`] : []),
  ].join(', ');
}
