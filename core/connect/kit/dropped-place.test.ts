import { expect, it } from 'vitest';
import { inZone, placeInText, placeOfDropped } from './dropped-place';

const AT = BigInt(Date.UTC(2026, 10, 21, 14, 0, 5, 250)) * 1_000_000n;
const MS = AT / 1_000_000n;

it('reads the time and service of records that are no rows', () => {
  const cases: readonly [string, bigint | undefined, string | undefined][] = [
    ['{"@timestamp":"2026-11-21T14:00:05.25Z","service":{"name":"cart"},"message":{}}', AT, 'cart'],
    [`{"time": ${MS}, "service.name": "cart", "level"`, AT, 'cart'],
    [
      `{"timeUnixNano":"${AT}","attributes":[{"key":"service.name","value":{"stringValue":"a b"}}]}`,
      AT,
      'a b',
    ],
    ['2026-11-21 15:00:05.250 +01:00 ERROR service=cart boom', AT, 'cart'],
    ['10.0.0.1 - - [21/Nov/2026:14:00:05 +0000] "GET / HTTP', AT - 250_000_000n, undefined],
    ['ts=2026-11-21T14:00:05.25Z level=info app="pay ment" msg', AT, 'pay ment'],
    ['up{job="node",service="cart"} x 1', undefined, 'cart'],
    ['nothing to go by', undefined, undefined],
  ];
  for (const [text, at, service] of cases) {
    expect([text, placeInText(text)]).toEqual([
      text,
      { ...(at === undefined ? {} : { at }), ...(service === undefined ? {} : { service }) },
    ]);
  }
});

it('takes no time that would have to be guessed, nor one that the record only tells of', () => {
  for (const text of [
    'Nov 21 14:00:05 host app: the year is not there',
    '03/04/2026 14:00:05 day or month first',
    '{"message":"restarted at 2026-11-21T14:00:05Z"}',
    `${'x'.repeat(100)} 2026-11-21T14:00:05Z`,
    '{"time": 12}',
    '{"time": "0001-01-01T00:00:00Z"}',
    '{"timestamp": "99999999999999999999"}',
  ]) {
    expect([text, placeInText(text).at]).toEqual([text, undefined]);
  }
});

it('reads a time without a zone as UTC, or in the zone that a person chose', () => {
  const place = placeInText('2026-11-21 14:00:05.250 ERROR boom');
  expect(place).toEqual({ at: AT, zoneless: true });
  expect(inZone(place, undefined)).toEqual({ at: AT });
  expect(inZone(place, '+02:00')).toEqual({ at: AT - 7_200_000_000_000n });
  const stated = placeInText('2026-11-21T14:00:05.25Z ERROR boom');
  expect(inZone(stated, '+02:00')).toEqual({ at: AT });
});

it('what is known goes before what the text says', () => {
  const text = '{"time":"2026-11-21T14:00:05.25Z","service":"text"}';
  expect(placeOfDropped(text, { at: 1n })).toEqual({ at: 1n, service: 'text' });
  expect(placeOfDropped(text, { service: 'known' })).toEqual({ at: AT, service: 'known' });
  expect(placeOfDropped(text, { at: undefined, service: '' })).toEqual({ at: AT, service: 'text' });
});

it('takes secrets out of the name of a service', () => {
  expect(JSON.stringify(placeInText('{"app":"https://u:hunter2-swordfish@x/"}'))).not.toContain(
    'hunter2',
  );
});
