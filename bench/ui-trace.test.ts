import { describe, expect, it } from 'vitest';
import { tasksOf, type TraceEvent } from './ui-trace';

const event = (name: string, tid: number, ts: number, dur: number, tdur: number): TraceEvent => ({
  name,
  ph: 'X',
  pid: 1,
  tid,
  ts,
  dur,
  tdur,
});

describe('tasks of a trace', () => {
  const named = (tid: number, name: string): TraceEvent => ({
    ...event('thread_name', tid, 0, 0, 0),
    ph: 'M',
    args: { name },
  });
  const click: TraceEvent = {
    ...event('EventDispatch', 7, 1100, 30_000, 25_000),
    args: { data: { type: 'click' } },
  };
  const events = [
    named(7, 'CrRendererMain'),
    named(8, 'DedicatedWorker thread'),
    event('RunTask', 7, 1000, 60_000, 40_000),
    click,
    event('FunctionCall', 7, 1200, 20_000, 20_000),
    event('RunTask', 7, 90_000, 70_000, 10_000),
    event('RunTask', 8, 1000, 900_000, 900_000),
  ];

  it('are those of the main thread, by the time they had the processor', () => {
    expect(tasksOf(events)).toEqual([
      { wallMs: 60, cpuMs: 40, what: 'EventDispatch click' },
      { wallMs: 70, cpuMs: 10, what: '' },
    ]);
  });
});
