import { join } from 'node:path';
import { expect, test } from '../fixtures/app';
import { Workbench } from '../pages/workbench';

test('a recent case that looked like this one is found, and opens', async ({ app }) => {
  const bench = new Workbench(app);
  await bench.openCase();
  await bench.tab('Similar');
  await expect(app.page.getByText('No recent case looks like this one')).toBeVisible();

  await bench.saveAs(join(app.dir, 'again.faultline'));
  await bench.tab('Findings');
  await bench.tab('Similar');
  const similar = app.page.getByRole('list', { name: 'Similar incidents' }).getByRole('listitem');
  await expect(similar.first()).toContainText('1.00');
  await expect(similar.first()).toContainText(/Probable cause \S+/);
  await similar.first().getByRole('button').click();
  await bench.analysed();
  await expect(bench.caseName('again')).toBeHidden();
});
