import { bytesOf, type FileFormat, type FormatItem, type Head } from '../../core/connect';
import { decodeAlertWebhook } from './decode';

/** A kept body of an Alertmanager webhook. */
export const alertWebhook: FileFormat = {
  id: 'alert-webhook',
  title: 'Alertmanager webhook',
  tables: ['resources', 'alerts'],
  sniff,
  describe: () => ({
    signals: ['alerts'],
    time: 'text',
    zone: 'stated',
    clock: 'the alerting system',
    guessed: false,
  }),
  read: async function* (source, signal): AsyncGenerator<FormatItem> {
    const { batches, records, notices } = decodeAlertWebhook(await bytesOf(source, signal));
    for (const batch of batches) yield { kind: 'batch', batch };
    for (const record of records) yield { kind: 'dropped', record };
    for (const notice of notices) yield { kind: 'notice', notice };
  },
};

function sniff({ text }: Head): { confidence: number; why: string } {
  const fits =
    /^\s*\{/.test(text) &&
    /"alerts"\s*:\s*\[/.test(text) &&
    /"(groupKey|groupLabels|commonLabels|receiver)"\s*:/.test(text);
  return fits
    ? {
        confidence: 0.9,
        why: 'A JSON object with "alerts" and what Alertmanager puts beside them.',
      }
    : { confidence: 0, why: '' };
}
