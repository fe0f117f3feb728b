import type { CaseExporter } from './exporter';
import { otlpExport } from './otlp';
import { timesketchExport } from './timesketch';

export type { CaseExporter, ExportFile, ExportReport, ExportTarget } from './exporter';

/** Every form that a case can be written in. One a line: branches add theirs side by side. */
export const exporters: readonly CaseExporter[] = [timesketchExport, otlpExport];
