import { expect, it } from 'vitest';
import { NoticeCounts } from '.';
import { ofOne } from './notice-words';

it.each([
  [
    '1 records go on with the message before them and were joined to it.',
    '1 record goes on with the message before it and was joined to it.',
  ],
  [
    '1 log records have no time of their own; the time they were observed is used.',
    '1 log record has no time of its own; the time it was observed is used.',
  ],
  [
    '1 documents have histograms, which are not brought; only plain numbers are.',
    '1 document has histograms, which are not brought; only plain numbers are.',
  ],
  [
    '1 spans have no end; they last until the end of the trace, or have no duration.',
    '1 span has no end; it lasts until the end of the trace, or has no duration.',
  ],
  [
    '1 requests with a status of 500 and above are errors; the others are information.',
    '1 request with a status of 500 and above is errors; the others are information.',
  ],
  [
    '1 files of the head (out-of-order logs, or mapped chunks) were left out: samples may be missing.',
    '1 file of the head (out-of-order logs, or mapped chunks) was left out: samples may be missing.',
  ],
  [
    '1 trace or span ids are not hexadecimal; they stand as they are in the file.',
    '1 trace or span id is not hexadecimal; it stands as it is in the file.',
  ],
  [
    '1 span kinds or status codes are none of OpenTelemetry’s and were left unset.',
    '1 span kind or status code is none of OpenTelemetry’s and was left unset.',
  ],
  [
    '1 severities are no known word or number; they are kept as text.',
    '1 severity is no known word or number; it is kept as text.',
  ],
  ['1 cookies were left out.', '1 cookie was left out.'],
  ['1 series have no name; they are called "X".', '1 series has no name; it is called "X".'],
  [
    '1 e-mail addresses of people were left out; their names are kept.',
    '1 e-mail address of people was left out; its names are kept.',
  ],
  ['2 cookies were left out.', '2 cookies were left out.'],
  ['10 cookies were left out.', '10 cookies were left out.'],
])('%s', (many, one) => expect(ofOne(many)).toBe(one));

it('is what a notice of one says', () => {
  const notices = new NoticeCounts();
  const say = (n: number) => `${n} records have no message.`;
  notices.add('a', 'info', say);
  notices.add('b', 'info', say, 2);
  expect(notices.take().map(({ message }) => message)).toEqual([
    '1 record has no message.',
    '2 records have no message.',
  ]);
});
