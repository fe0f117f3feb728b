import { describe, expect, it } from 'vitest';
import { simulatedCases } from './cases';
import { isAsked } from './run';

describe('which cases are asked about', () => {
  const ids = simulatedCases({ first: 1, last: 6 }, 'small').map(({ id }) => id);
  const asked = (only?: string): readonly string[] => ids.filter((id) => isAsked(id, { only }));

  it('are all, where nobody says which', () => {
    expect(asked()).toEqual(ids);
  });

  it('are those of a scenario, of a seed of it, of a system, or one', () => {
    const releases = asked('releases');
    expect(releases).toHaveLength(6);
    expect(new Set(releases.map((id) => id.split('/')[0])).size).toBeGreaterThan(3);
    const [first = ''] = releases;
    expect(asked(first)).toEqual([first]);
    expect(asked(first.split('/').slice(1).join('/'))).toEqual([first]);
    const system = first.split('/')[0] ?? '';
    expect(asked(system).length).toBeGreaterThan(10);
    expect(asked(system).every((id) => id.startsWith(`${system}/`))).toBe(true);
  });

  it('are none where a part of a name is no whole word of it', () => {
    expect(asked('release')).toEqual([]);
    expect(asked('quiet')).toHaveLength(6);
  });
});
