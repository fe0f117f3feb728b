import { expect, it } from 'vitest';
import { LogTexts, NoticeCounts } from '..';

const read = (text: string, level?: string) => {
  const notices = new NoticeCounts();
  const { body, severity, severityText, traceId } = new LogTexts(notices).read(text, level);
  return [body, severity, severityText, traceId, ...notices.take().map(({ code }) => code)];
};

it.each([
  ['INFO started', undefined, 'INFO started', 9, 'INFO', 'severity-from-text'],
  ['ERROR by its text', 'warning', 'ERROR by its text', 13, 'warning'],
  ['{"level":50,"msg":"x"}', undefined, '{"level":50,"msg":"x"}', 17, '50', 'severity-from-text'],
  ['\u001B[1;31m[error]\u001B[0m x', undefined, '[error] x', 17, 'error', 'severity-from-text'],
  ['nothing', undefined, 'nothing', 0, ''],
])('reads %j', (text, given, body, severity, word, ...codes) => {
  expect(read(text, given)).toEqual([body, severity, word, '', ...codes]);
});

it('finds the trace and takes secrets out', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  expect(read(`trace_id=${trace} password=abcd`)).toEqual([
    `trace_id=${trace} password=[redacted]`,
    0,
    '',
    trace,
    'secrets-redacted',
  ]);
});
