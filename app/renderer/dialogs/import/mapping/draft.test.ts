import { describe, expect, it } from 'vitest';
import type { Mapping } from '../../../../../core/connect';
import {
  roleOf,
  shownFields,
  takenBy,
  withField,
  withRole,
  withTarget,
  withTime,
  withWide,
} from './draft';

const logs: Mapping = {
  target: 'logs',
  fields: {
    time: { column: 't' },
    body: { column: 'm' },
    'attribute.a': { column: 'x' },
    'attribute.b': { column: 'b' },
  },
  time: { zone: 'UTC' },
};

const time = { name: 'time', required: true, what: '' };
const FIELDS = {
  logs: [time, { name: 'body', what: '' }],
  samples: [time],
  spans: [time],
  alerts: [time],
  changes: [time, { name: 'title', what: '' }],
};

describe('a draft of a mapping', () => {
  it('keeps what fits another target', () => {
    expect(withTarget(logs, 'changes', FIELDS)).toEqual({
      target: 'changes',
      fields: { time: { column: 't' }, 'attribute.a': { column: 'x' } },
      time: { zone: 'UTC' },
    });
  });

  it('takes fields and times back', () => {
    expect(withField(logs, 'body', undefined).fields).not.toHaveProperty('body');
    expect(withTime(logs, 'zone', '')).not.toHaveProperty('time');
    expect(withTime(logs, 'unit', 'ms').time).toEqual({ zone: 'UTC', unit: 'ms' });
  });

  it('makes a column of samples a value or a label, never both', () => {
    const samples: Mapping = {
      target: 'samples',
      fields: { time: { column: 't' }, metric: { constant: 'm' }, value: { column: 'v' } },
    };
    const wide = withRole(withWide(samples, true), 'cpu', 'value');
    expect(wide).toMatchObject({ values: ['cpu'], fields: { time: { column: 't' } } });
    expect(wide.fields).not.toHaveProperty('metric');
    const label = withRole(wide, 'cpu', 'label');
    expect([roleOf(wide, 'cpu'), roleOf(label, 'cpu'), label.values]).toEqual([
      'value',
      'label',
      [],
    ]);
    expect([...takenBy(label)]).toEqual(['t']);
    expect(withWide(wide, false)).not.toHaveProperty('values');
  });

  it('shows each field once and says how many more there are', () => {
    const row = (names: readonly string[]) => ({
      where: '',
      reason: '',
      fields: names.map((name) => [name, 'x'] as const),
    });
    const many = Array.from({ length: 20 }, (_, i) => `f${i}`);
    expect(shownFields([row(['a', 'b']), row(['b', 'c'])]).names).toEqual(['a', 'b', 'c']);
    expect(shownFields([row(many)])).toMatchObject({ more: 6 });
  });
});
