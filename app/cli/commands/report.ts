import { writeFile } from 'node:fs/promises';
import { FaultlineError } from '../../../core/base';
import { reportHtml, reportMarkdown } from '../../../core/session';
import { analysisJson } from '../analysis-json';
import { importMsOf, peakRssBytes, withCase, type Context } from '../context';
import { toJson } from '../output';

export interface ReportFlags {
  readonly format: string;
  readonly out?: string;
}

export async function reportCommand(
  file: string,
  flags: ReportFlags,
  context: Context,
): Promise<void> {
  const format = context.out.json ? 'json' : flags.format;
  const text = await withCase(file, 'read', context, async (store) => {
    const analysis = await store.loadAnalysis();
    if (!analysis) {
      throw new FaultlineError('usage', `${file} is not analysed yet: faultline analyze ${file}`);
    }
    const facts = await store.facts();
    const title = (await store.meta('name')) ?? file;
    const measured = { importMs: await importMsOf(store), peakRssBytes: peakRssBytes() };
    switch (format) {
      case 'md':
        return reportMarkdown(title, facts, analysis);
      case 'html':
        return reportHtml(title, facts, analysis);
      case 'json':
        return `${toJson(analysisJson(file, analysis, measured))}\n`;
      default:
        throw new FaultlineError('usage', `No format "${format}". Known: md, html, json.`);
    }
  });
  if (flags.out === undefined) process.stdout.write(text);
  else {
    await writeFile(flags.out, text);
    context.out.note(`Written to ${flags.out}.`);
  }
}
