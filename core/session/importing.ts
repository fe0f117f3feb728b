import {
  parseMapping,
  previewTable,
  type FileReport,
  type ReadTools,
  type TablePreview,
} from '../connect';
import type { CaseStore } from '../store';
import type { Analysing } from './analysing';
import type { ImportChoices, InputFile, InspectOptions, TableOptions } from './api';
import type { Desk } from './desk';
import { byteSource, expandFolders } from './host-files';
import { databasesAsCopies } from './databases';
import { importFiles, inspectFiles } from './import';
import type { Opening } from './opening';

/** Files, of the page or of the host: looked at, and read into the open case or a new one. */
export class Importing {
  private previewing: AbortController | undefined;
  private readonly tools: ReadTools;

  constructor(
    private readonly desk: Desk,
    private readonly analysing: Analysing,
    private readonly opening: Opening,
  ) {
    const { copies, newId } = desk.env;
    this.tools = { openDatabase: databasesAsCopies(copies, newId) };
  }

  async inspect(
    files: readonly InputFile[],
    { intoOpenCase = false, ...choices }: InspectOptions = {},
  ): Promise<readonly FileReport[]> {
    const { host, formats, now } = this.desk.env;
    const store = intoOpenCase ? this.desk.open?.store : undefined;
    return this.desk.jobs.run(
      { kind: 'inspect', title: 'Look at files', unit: 'bytes' },
      async (job) => {
        const sources = (await expandFolders(files, host)).map((file) => byteSource(file, host));
        const { signal, report: onProgress } = job;
        return inspectFiles(
          sources,
          now(),
          { ...choices, formats, signal, onProgress, tools: this.tools },
          store,
        );
      },
    );
  }

  async previewTable(
    files: readonly InputFile[],
    path: string,
    { as, choices, mappingText }: TableOptions = {},
  ): Promise<TablePreview | null> {
    const { host, formats, now } = this.desk.env;
    // A newer question ends the one before it.
    this.previewing?.abort();
    const { signal } = (this.previewing = new AbortController());
    const mapping = mappingText === undefined ? choices?.mapping : parseMapping(mappingText);
    const sources = (await expandFolders(files, host)).map((file) => byteSource(file, host));
    return previewTable(sources, path, formats, {
      signal,
      as,
      choices: { now: now(), ...choices, mapping },
      tools: this.tools,
    });
  }

  async importFiles(
    files: readonly InputFile[],
    choices: ImportChoices,
    newCase?: string,
  ): Promise<readonly FileReport[]> {
    const { host, formats, now } = this.desk.env;
    const open = newCase === undefined ? this.desk.case() : undefined;
    return this.desk.jobs.run({ kind: 'import', title: 'Import', unit: 'bytes' }, async (job) => {
      const sources = (await expandFolders(files, host)).map((file) => byteSource(file, host));
      const { signal, report: onProgress } = job;
      const options = { ...choices, formats, signal, onProgress, tools: this.tools };
      const into = (store: CaseStore): Promise<readonly FileReport[]> =>
        importFiles(store, sources, now(), options);
      if (open) {
        const reports = await into(open.store);
        await this.analysing.changed();
        return reports;
      }
      return this.opening.aside(newCase ?? '', job, async (next, enter) => {
        const reports = await into(next.store);
        if (reports.some(({ state }) => state === 'ok')) await enter();
        return reports;
      });
    });
  }
}
