import { FaultlineError, parseRfc3339 } from '../../core/base';
import {
  isJsonObject,
  jsonAttributes,
  jsonDocument,
  type CaseHints,
  type FileFormat,
  type FormatItem,
  type Head,
} from '../../core/connect';

/** What an investigator knows at the start: windows and symptom of a case folder's `case.json`. */
export const caseJson: FileFormat = {
  id: 'case-json',
  title: 'Case description (windows and symptom)',
  tables: [],
  sniff,
  describe: () => ({
    signals: [],
    time: 'text',
    zone: 'stated',
    clock: 'who wrote it',
    guessed: false,
  }),
  read: async function* (source, signal): AsyncGenerator<FormatItem> {
    const value = await jsonDocument(source, signal);
    if (!isJsonObject(value)) {
      throw new FaultlineError('format/damaged', `${source.name} is not a JSON object.`);
    }
    const bad: string[] = [];
    const window = (key: string): { from: bigint; to: bigint } | undefined => {
      const given = value[key];
      if (given === null || given === undefined) return undefined;
      const [from, to] = isJsonObject(given) ? [instant(given['from']), instant(given['to'])] : [];
      if (from !== undefined && to !== undefined && to > from) return { from, to };
      bad.push(key);
      return undefined;
    };
    const hints: CaseHints = {
      window: window('window'),
      incident: window('incident'),
      baseline: window('baseline'),
      symptom: isJsonObject(value['symptom']) ? jsonAttributes(value['symptom']) : undefined,
    };
    yield { kind: 'hints', hints };
    if (bad.length === 0) return;
    yield {
      kind: 'notice',
      notice: {
        code: 'window-ignored',
        severity: 'warning',
        count: bad.length,
        message: `These windows have no from before a to and were ignored: ${bad.join(', ')}.`,
      },
    };
  },
};

function instant(value: unknown): bigint | undefined {
  return typeof value === 'string' ? parseRfc3339(value) : undefined;
}

function sniff({ text }: Head): { confidence: number; why: string } {
  const isOne =
    /^\s*\{/.test(text) &&
    /"window"\s*:\s*(\{\s*"from"|null)/.test(text) &&
    /"(incident|baseline|symptom)"\s*:/.test(text);
  return isOne
    ? { confidence: 0.95, why: 'One JSON object with "window" and "incident".' }
    : { confidence: 0, why: '' };
}
