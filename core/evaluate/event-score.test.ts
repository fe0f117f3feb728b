import { describe, expect, it } from 'vitest';
import { addCounts, eventCounts, eventF1, falseAlertsPer5000, segmentsOf } from './event-score';

describe('the event score', () => {
  it('reads segments as runs of marks', () => {
    expect(segmentsOf([1, 1, 0, 0, 1, 0, 1])).toEqual([
      [0, 1],
      [4, 4],
      [6, 6],
    ]);
    expect(segmentsOf([0, 0])).toEqual([]);
  });

  it('finds a segment from three points beside it, not from four', () => {
    const at = (row: number) =>
      eventCounts({ length: 100, detections: [row], segments: [[50, 59]] });
    for (const row of [47, 50, 59, 62]) expect(at(row)).toMatchObject({ found: 1, falseAlerts: 0 });
    for (const row of [46, 63])
      expect(at(row)).toMatchObject({ found: 0, missed: 1, falseAlerts: 1 });
    expect(at(50).quiet).toBe(84);
  });

  it('counts false detections within ten points of each other once', () => {
    const { falseAlerts } = eventCounts({
      length: 100,
      detections: [0, 10, 20, 31, 90],
      segments: [],
    });
    expect(falseAlerts).toBe(3);
  });

  it('adds up over series before it divides', () => {
    const sum = addCounts([
      { found: 2, missed: 1, falseAlerts: 0, quiet: 4000 },
      { found: 1, missed: 0, falseAlerts: 2, quiet: 6000 },
    ]);
    expect(eventF1(sum)).toBeCloseTo(6 / 9, 12);
    expect(falseAlertsPer5000(sum)).toBe(1);
    expect(eventF1(addCounts([]))).toBe(1);
  });
});
