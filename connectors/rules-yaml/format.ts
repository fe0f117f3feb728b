import { isNode } from 'yaml';
import {
  Redactor,
  RowSink,
  bytesOf,
  type ByteSource,
  type FileFormat,
  type FormatItem,
  type Head,
} from '../../core/connect';
import { openSloIn, rulesIn, slothIn, type Found } from './definitions';
import { documentsOf, rangeOf, sourceOf, type YamlDocument } from './documents';

/** Rule files are written by people: one of more bytes is none. */
const MAX_BYTES = 16 << 20;

type Reading = (document: YamlDocument) => Found;

const described = {
  signals: ['definitions'],
  time: null,
  zone: 'UTC',
  clock: 'none: definitions have no time',
  guessed: false,
} as const;

/** Alerting and recording rules as Prometheus reads them. */
export const prometheusRulesYaml: FileFormat = {
  id: 'prometheus-rules-yaml',
  title: 'Prometheus rules, YAML',
  tables: ['definitions'],
  sniff: ({ text }) =>
    /^ {0,4}groups:[ \t]*(?:#.*)?$/m.test(text) &&
    /^[ \t]*-?[ \t]*(?:alert|record):[ \t]*\S/m.test(text) &&
    /^[ \t]*-?[ \t]*expr:/m.test(text)
      ? {
          confidence: 0.95,
          why: 'YAML with "groups" of rules that have "alert" or "record" and "expr".',
        }
      : NO,
  describe: () => described,
  read: (source, signal) => read(source, signal, rulesIn),
};

/** Service level objectives and what belongs to them, as OpenSLO specifies. */
export const openSlo: FileFormat = {
  id: 'openslo',
  title: 'OpenSLO, YAML',
  tables: ['definitions'],
  sniff: ({ text }) =>
    /^apiVersion:[ \t]*["']?openslo\/v/m.test(text) && /^kind:[ \t]*\S/m.test(text)
      ? { confidence: 0.97, why: 'YAML with an "apiVersion" of openslo.' }
      : NO,
  describe: () => described,
  read: (source, signal) => read(source, signal, openSloIn),
};

/** Service level objectives for Sloth. */
export const sloth: FileFormat = {
  id: 'sloth',
  title: 'Sloth, YAML',
  tables: ['definitions'],
  sniff: (head) =>
    isSloth(head)
      ? { confidence: 0.96, why: 'YAML with "slos" for Sloth ("prometheus/v1" or sloth.slok.dev).' }
      : NO,
  describe: () => described,
  read: (source, signal) => read(source, signal, slothIn),
};

function isSloth({ text }: Head): boolean {
  const own =
    /^version:[ \t]*["']?prometheus\/v1/m.test(text) ||
    /^apiVersion:[ \t]*["']?sloth\.slok\.dev\//m.test(text);
  return own && /^ {0,4}slos:[ \t]*(?:#.*)?$/m.test(text);
}

const NO = { confidence: 0, why: '' };

async function* read(
  source: ByteSource,
  signal: AbortSignal,
  reading: Reading,
): AsyncGenerator<FormatItem> {
  const bytes = await bytesOf(source, signal, MAX_BYTES);
  const text = new TextDecoder('utf-8').decode(bytes);
  const sink = new RowSink();
  const redactor = new Redactor(sink.notices);
  const { documents, faults } = documentsOf(text);
  for (const { where, reason } of faults) sink.drop('definitions', where, '', reason);
  for (const document of documents) take(document, reading(document), text, sink, redactor);
  yield* sink.items(true);
}

function take(
  { where, fault }: YamlDocument,
  { definitions, refused, leftOut }: Found,
  text: string,
  sink: RowSink,
  redactor: Redactor,
): void {
  if (leftOut > 0) {
    sink.notices.add(
      'targets-left-out',
      'info',
      (n) =>
        `${n} data sources or notification targets define nothing that is measured and were left out.`,
      leftOut,
    );
  }
  let behind = 0;
  for (const { where: place, reason, item } of refused) {
    const [from, to] = isNode(item) ? rangeOf(item) : [0, 0];
    // Behind a fault stands what the parser made of the rest, not what somebody wrote.
    if (fault && from > fault.at) continue;
    const broken = fault && to >= fault.at;
    if (broken) behind++;
    sink.drop('definitions', place, '', broken ? fault.reason : reason);
  }
  for (const { kind, name, node, attributes, where: place } of definitions) {
    // What stands behind a fault, or around it, may not be what was meant.
    if (fault && rangeOf(node)[1] >= fault.at) {
      behind++;
      sink.drop('definitions', place, name, fault.reason);
      continue;
    }
    const own = redactor.text(sourceOf(text, node));
    sink.definition({ kind, name, text: own, attributes });
  }
  if (fault && behind === 0) sink.drop('definitions', where || 'the document', '', fault.reason);
}
