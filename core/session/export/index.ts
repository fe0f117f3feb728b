import { shiftsShown } from '../clocks';
import type { CaseExporter } from './exporter';
import { otlpExport } from './otlp';
import { timesketchExport } from './timesketch';

export type { CaseExporter, ExportFile, ExportReport, ExportTarget } from './exporter';

/** Every form that a case can be written in. One a line: branches add theirs side by side. */
export const exporters: readonly CaseExporter[] = [timesketchExport, otlpExport].map(saysClocks);

/** What can be seen is written, on the clocks that it is seen on. */
function saysClocks(exporter: CaseExporter): CaseExporter {
  return {
    ...exporter,
    async write(store, target, options) {
      const report = await exporter.write(store, target, options);
      return { ...report, notices: [...(await shiftsShown(store)), ...report.notices] };
    },
  };
}
