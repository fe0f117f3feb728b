import { expect, test } from '../fixtures/app';
import { Timeline } from '../pages/timeline';
import { Topology } from '../pages/topology';
import { Workbench } from '../pages/workbench';

const numberIn = (text: string | null): number => Number((text ?? '').replaceAll(/\D/g, ''));

test('a brushed stretch narrows logs, traces and metrics, and is let go of', async ({ app }) => {
  const bench = new Workbench(app);
  const timeline = new Timeline(app);
  await bench.openCase();
  const lines = app.page.getByRole('toolbar', { name: 'Logs' }).getByTitle('Show the SQL');
  const traces = app.page.getByRole('toolbar', { name: 'Traces' }).getByTitle('Show the SQL');

  await timeline.brush(0.1, 0.6);
  const wide = (await timeline.said()).selected;
  await bench.tab('Logs');
  const widely = numberIn(await lines.textContent());
  await timeline.brush(0.3, 0.34);
  const narrow = (await timeline.said()).selected;
  if (!wide || !narrow) throw new Error('Nothing was brushed.');
  expect(narrow[0]).toBeGreaterThan(wide[0]);
  expect(narrow[1]).toBeLessThan(wide[1]);
  await expect.poll(async () => numberIn(await lines.textContent())).toBeLessThan(widely / 5);
  await expect(bench.selected()).toBeVisible();

  await bench.tab('Traces');
  await expect(bench.traces().first()).toBeVisible();
  const [first] = await bench.traces().first().getByRole('cell').allTextContents();
  const at = /(\d+):(\d+):(\d+\.\d+)/.exec(first ?? '');
  const ms = (Number(at?.[1]) * 3600 + Number(at?.[2]) * 60 + Number(at?.[3])) * 1000;
  // A trace belongs to a stretch by any of its spans.
  expect(ms).toBeGreaterThan(narrow[0] - 30_000);
  expect(ms).toBeLessThan(narrow[1]);
  await expect(traces).toBeVisible();

  await bench.press('Escape');
  await expect(bench.selected()).toBeHidden();
  expect((await timeline.said()).selected).toBeUndefined();
});

test('the incident is dragged by its edge and analysed anew; keys zoom', async ({ app }) => {
  const bench = new Workbench(app);
  const timeline = new Timeline(app);
  await bench.openCase();
  const chip = app.page.getByRole('button', { name: /^incident / });
  const before = await chip.textContent();
  const { incident, shown } = await timeline.said();
  if (!incident) throw new Error('There is no incident.');
  const start = (incident[0] - shown[0]) / (shown[1] - shown[0]);

  await timeline.dragIncidentStart(start + 0.05);
  await expect(chip).not.toHaveText(before ?? '');
  const dragged = (await timeline.said()).incident;
  expect(dragged?.[0]).toBeGreaterThan(incident[0]);
  expect(Math.abs((dragged?.[1] ?? 0) - incident[1])).toBeLessThan(10);
  await expect(bench.verdict()).toContainText('order');
  await expect(bench.unsavedMark()).toBeVisible();
  await bench.press('Control+z');
  await expect(chip).toHaveText(before ?? '');

  const length = async (): Promise<number> => {
    const [from, to] = (await timeline.said()).shown;
    return to - from;
  };
  const whole = await length();
  await bench.press('w');
  await expect.poll(length).toBeLessThan(whole * 0.7);
  const zoomed = (await timeline.said()).shown;
  await bench.press('d');
  await expect.poll(async () => (await timeline.said()).shown[0]).toBeGreaterThan(zoomed[0]);
  await bench.press('f');
  await expect
    .poll(async () => Math.abs((await timeline.said()).shown[0] - incident[0]))
    .toBeLessThan(1500);
  await bench.press('f');
  await expect.poll(length).toBe(whole);
  await timeline.brushOverview(0.2, 0.5);
  await expect.poll(length).toBeLessThan(whole * 0.35);
});

test('a node selects everywhere, and an edge leads to its spans', async ({ app }) => {
  const bench = new Workbench(app);
  const topology = new Topology(app);
  await bench.openCase();
  await expect(topology.nodes().filter({ hasText: /^order, service/ })).toHaveCount(1);
  await topology.clickNode('order');
  await expect(bench.selected()).toHaveText(/order/);
  await expect(bench.findings().first()).toHaveAttribute('aria-current', 'true');
  await bench.tab('Traces');
  await expect(app.page.getByRole('toolbar', { name: 'Traces' })).toContainText('of order');

  const edge = topology
    .edges()
    .filter({ hasText: /^order calls / })
    .first();
  const target = /calls ([^,]+)/.exec((await edge.textContent()) ?? '')?.[1] ?? '';
  await topology.clickEdge('order', target);
  await expect(bench.selected()).toHaveText(new RegExp(`order → ${target}`));
  await expect(topology.card()).toContainText('baseline');
  await topology.card().getByRole('button', { name: 'Spans of this edge' }).click();
  await app.idle();
  await expect(app.page.getByRole('toolbar', { name: 'Traces' })).toContainText(
    `of order → ${target}`,
  );
  await bench.traces().first().click();
  await app.idle();
  const spans = app.page.getByRole('tree', { name: 'Spans' });
  await expect(spans.getByRole('treeitem').filter({ hasText: 'order' }).first()).toBeVisible();
});
