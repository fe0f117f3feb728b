import { expect } from 'vitest';
import type { TimeWindow } from '../../base';
import type { Attributes, Signal } from '../../model';
import { levelName, totalOf, type Connector, type Preview, type PreviewBy } from '..';
import type { ConnectorSubject } from './connector-subject';
import type { Row } from './import';
import type { Pulled } from './pulled';
import { CountingUpstream } from './upstreams';

type Open = (upstream?: CountingUpstream) => Connector;

/** A preview as figures by signal, group and bucket, without what is zero. */
function figuresOf({ groups, starts }: Preview): ReadonlyMap<string, number> {
  const figures = new Map<string, number>();
  for (const { signal, name, kind, counts } of groups) {
    expect(counts.length).toBe(starts.length);
    for (const [at, count] of counts.entries()) {
      if (count !== 0) figures.set(`${signal} ${kind} ${name} ${starts[at]}`, count);
    }
  }
  return figures;
}

/** The same figures, counted over the rows of a pull. */
function countedOver(
  { tables }: Pulled,
  { starts, ends, groups }: Preview,
  by: PreviewBy,
): ReadonlyMap<string, number> {
  const resources = new Map(
    (tables.resources ?? []).map((row) => [row['resource_id'], row['attributes'] as Attributes]),
  );
  const figures = new Map<string, number>();
  const named = new Set(groups.map(({ signal, name }) => `${signal} ${name}`));
  const add = (signal: Signal, row: Row, time: unknown, level: string): void => {
    const service = resources.get(row['resource_id'])?.['service.name'] ?? '';
    const name = by === 'level' ? level : service;
    const at = starts.findIndex((start, i) => {
      const ts = time as bigint;
      return ts >= start && ts < (ends[i] ?? 0n);
    });
    const group = !named.has(`${signal} ${name}`)
      ? 'other '
      : name === ''
        ? 'none '
        : `value ${name}`;
    const key = `${signal} ${group} ${starts[at]}`;
    figures.set(key, (figures.get(key) ?? 0) + 1);
  };
  for (const row of tables.logs ?? []) {
    add('logs', row, row['ts'], levelName(row['severity'] as number));
  }
  for (const row of tables.spans ?? []) {
    add('spans', row, row['start'], row['status'] === 2 ? 'error' : 'no error');
  }
  return figures;
}

/** Counts of a preview are those of the rows that a pull brings, and end with an abort. */
export async function previewsWhatComes(
  { factory, windows, upstream }: ConnectorSubject,
  open: Open,
  pulled: Pulled,
): Promise<void> {
  for (const by of factory.previewBy ?? []) {
    const preview = await previewOf(open(), windows, by);
    expect(preview.by).toBe(by);
    for (const { from, to } of windows) {
      const own = preview.starts.filter((start) => start >= from && start < to);
      expect(own.length).toBeGreaterThan(10);
      expect(own.length).toBeLessThanOrEqual(120);
    }
    const figures = figuresOf(preview);
    expect(figures).toEqual(countedOver(pulled, preview, by));
    const rows = (pulled.tables.logs?.length ?? 0) + (pulled.tables.spans?.length ?? 0);
    const total = preview.groups.reduce((sum, { counts }) => sum + totalOf(counts), 0);
    expect(total).toBe(rows);
    expect(new Set(preview.groups.map(({ name }) => name)).size).toBeGreaterThan(1);
    expect(preview.how).not.toBe('');
  }
  const [by] = factory.previewBy ?? [];
  if (by === undefined) return;
  const whole = new CountingUpstream(upstream);
  await previewOf(open(whole), windows, by);
  expect(whole.count).toBeGreaterThan(2);
  for (const nth of [1, Math.ceil(whole.count / 2), whole.count]) {
    const controller = new AbortController();
    const counting = new CountingUpstream(upstream, (sent) => {
      if (sent === nth) controller.abort();
    });
    const ended = previewOf(open(counting), windows, by, controller.signal);
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' });
    expect(counting.count).toBeLessThanOrEqual(nth + 1);
  }
}

function previewOf(
  connector: Connector,
  windows: readonly TimeWindow[],
  by: PreviewBy,
  signal = new AbortController().signal,
): Promise<Preview> {
  if (!connector.preview) throw new Error('The factory says that it has previews.');
  return connector.preview({ windows, by }, signal);
}
