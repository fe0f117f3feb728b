import { expect, it } from 'vitest';
import { literal } from './index';

it('writes values as DuckDB takes them', () => {
  expect(literal("it's\0")).toBe("'it''s'");
  expect(literal([1n, 500_000_000n])).toBe('[1::BIGINT, 500000000::BIGINT]');
  expect(literal(1_790_000_000_000_000_000n)).toBe('1790000000000000000');
  expect(literal(-5n)).toBe('-5::BIGINT');
  expect(literal(NaN)).toBe("'NaN'::DOUBLE");
});
