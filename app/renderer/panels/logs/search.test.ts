import { describe, expect, it } from 'vitest';
import { logFilter, matchesIn, parseSearch } from './search';

const window = { from: 0n, to: 10n, minSeverity: 0, entityId: undefined };
const entities = [
  { id: 'service:order', kind: 'service' as const, name: 'order' },
  { id: 'host:node-1', kind: 'host' as const, name: 'node-1' },
];

describe('the search box', () => {
  it('knows fields, quotes and exclusion', () => {
    expect(parseSearch('level:error -path:/health "lock wait" slow')).toEqual([
      { field: 'level', value: 'error', negated: false },
      { field: 'path', value: '/health', negated: true },
      { field: undefined, value: 'lock wait', negated: false },
      { field: undefined, value: 'slow', negated: false },
    ]);
  });

  it('lets an open quote run to the end, and ignores empty terms', () => {
    expect(parseSearch('"no connection from')).toEqual([
      { field: undefined, value: 'no connection from', negated: false },
    ]);
    expect(parseSearch('""  ')).toEqual([]);
  });

  it('turns levels, entities, traces and attributes into conditions', () => {
    const filter = logFilter(
      'level:warn service:Order trace:ABC http.route:/x -user.id:7 Timeout -retry',
      window,
      entities,
    );
    expect(filter).toMatchObject({
      minSeverity: 13,
      entities: ['service:order'],
      traceId: 'abc',
      keys: ['http.route'],
      values: ['/x'],
      notKeys: ['user.id'],
      notValues: ['7'],
      contains: ['timeout'],
      excludes: ['retry'],
    });
  });

  it('takes an unknown service for an attribute: nothing is dropped silently', () => {
    expect(logFilter('service:nope', window, entities)).toMatchObject({
      entities: [],
      keys: ['service'],
      values: ['nope'],
    });
  });
});

describe('marks', () => {
  it('cover every match once', () => {
    expect(matchesIn('Lock wait: lock', ['lock', 'ck w'])).toEqual([
      [0, 6],
      [11, 15],
    ]);
    expect(matchesIn('nothing', [''])).toEqual([]);
  });
});
