import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unsnappy } from '../../core/connect';
import { externalLabelsOf } from './api';
import { parseMatchers } from './matchers';
import { readAnswer, readRequest } from './remote-read';
import { matcher } from './selector';

describe('matchers', () => {
  it('are taken apart as they were put together', () => {
    const operator = fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const);
    const one = fc.record({
      label: fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/),
      operator,
      value: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(one), (list) => {
        const text = list.map((m) => matcher(m.label, m.operator, m.value)).join(',');
        expect(parseMatchers(text)).toEqual(list);
      }),
    );
  });

  it('are not guessed where they are written otherwise', () => {
    expect(parseMatchers("a='x\\'y', b=~`\\d`,")).toEqual([
      { label: 'a', operator: '=', value: "x'y" },
      { label: 'b', operator: '=~', value: '\\d' },
    ]);
    expect(parseMatchers('"dotted.name"')).toBeUndefined();
    expect(parseMatchers('a="\\x41"')).toBeUndefined();
    expect(parseMatchers('a="x" b="y"')).toBeUndefined();
  });
});

describe('remote read', () => {
  it('asks for a closed range of milliseconds, chunks first', () => {
    const body = readRequest([{ label: 'job', operator: '!~', value: 'a' }], {
      from: 300,
      to: 601,
    });
    const { bytes, fault } = unsnappy(body);
    expect(fault).toBe('');
    const query = [8, 0xac, 2, 16, 0xd8, 4, 26, 10, 8, 3, 18, 3, 0x6a, 0x6f, 0x62, 26, 1, 0x61];
    expect([...bytes]).toEqual([10, query.length, ...query, 18, 2, 1, 0]);
  });

  it('reads nothing into damage', () => {
    const streamed = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.boolean(), (bytes, chunks) => {
        try {
          const series = readAnswer(bytes, chunks ? streamed : 'application/x-protobuf');
          expect(series.flatMap(({ ts }) => ts)).toEqual([]);
        } catch (error) {
          expect(error).toMatchObject({ code: 'connector/bad-answer' });
        }
      }),
    );
    expect(readAnswer(new Uint8Array(), streamed)).toEqual([]);
  });

  it('knows the labels that a server adds to what it sends', () => {
    const yaml =
      'global:\n  scrape_interval: 1m\n  external_labels:\n    cluster: eu-1\n    replica: "0"\nrule_files:\n';
    expect(externalLabelsOf(yaml)).toEqual([
      ['cluster', 'eu-1'],
      ['replica', '0'],
    ]);
    expect(externalLabelsOf('global:\n  scrape_interval: 1m\n')).toEqual([]);
  });
});
