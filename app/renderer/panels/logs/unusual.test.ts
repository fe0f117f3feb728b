import { describe, expect, it } from 'vitest';
import type { LogAnomaly, LogTemplate } from '../../../../core/model';
import { countKinds, entriesOf, likeOf, templateFinder } from './unusual';

const template = (id: string, text: string, entityId = 'service:web'): LogTemplate => ({
  templateId: id,
  template: text,
  entityId,
  severity: 9,
  baselineCount: 10,
  incidentCount: 12,
  firstSeen: 0n,
  isNew: false,
  score: 1,
  examples: [],
});

const anomaly = (id: string, kind: LogAnomaly['kind'], entityId = 'service:web'): LogAnomaly => ({
  kind,
  templateId: id,
  template: id,
  entityId,
  severity: 9,
  from: 0n,
  to: 1n,
  baselineCount: 4,
  incidentCount: 40,
  expected: 1,
  observed: 40,
  score: 9,
  byChance: 0.001,
  reason: 'why',
  examples: [],
});

const ALL = { entityId: undefined, unusual: false, kind: undefined };
const TEMPLATES = [template('a', 'took <*> ms'), template('b', 'done', 'service:db')];
const ANOMALIES = [anomaly('b', 'more', 'service:db'), anomaly('c', 'stopped')];

describe('the list of templates', () => {
  it('has what is unusual first, and each template once', () => {
    const keys = entriesOf(TEMPLATES, ANOMALIES, ALL).map(({ templateId }) => templateId);
    expect(keys).toEqual(['b', 'c', 'a']);
  });

  it('narrows to what is unusual, to a kind, and to an entity', () => {
    const ids = (shown: Partial<typeof ALL>): string[] =>
      entriesOf(TEMPLATES, ANOMALIES, { ...ALL, ...shown }).map(({ templateId }) => templateId);
    expect(ids({ unusual: true })).toEqual(['b', 'c']);
    expect(ids({ kind: 'stopped' as never })).toEqual(['c']);
    expect(ids({ entityId: 'service:web' as never })).toEqual(['c', 'a']);
    expect([...countKinds(ANOMALIES, 'service:db')]).toEqual([['more', 1]]);
  });
});

describe('lines of a template', () => {
  it('are asked for by its fixed pieces, in order, whatever they hold', () => {
    expect(likeOf('saved 100% of <*> in a_b\\c <*>')).toBe('%saved%100\\%%of%in%a\\_b\\\\c%');
    expect(likeOf('<*> <*>')).toBe('');
  });

  it('are told by the template that says most', () => {
    const find = templateFinder([
      template('any', '<*>'),
      template('loose', 'read <*>'),
      template('tight', 'read <*> of (disk)'),
      template('other', 'read it', 'service:db'),
    ]);
    expect(find('service:web', 'read 7  of (disk) now')).toBe('tight');
    expect(find('service:web', 'read it')).toBe('loose');
    expect(find('service:web', 'wrote it')).toBe('any');
    expect(find('service:db', 'wrote it')).toBeUndefined();
  });
});
