import { expect, test } from '../fixtures/app';
import { PullDialog } from '../pages/pull';
import { Workbench } from '../pages/workbench';

const mapping = {
  version: 1,
  target: 'changes',
  fields: { time: { column: 'when' }, title: { column: 'what' } },
};

test('a pull of Kafka takes a mapping file, and says what is wrong with one', async ({ app }) => {
  const pull = new PullDialog(new Workbench(app));
  await pull.open();
  await pull.enter('Kafka', 'kafka://127.0.0.1:9', 'orders');
  const field = pull.dialog.getByRole('textbox', { name: /^Mapping/ });
  await expect(field).toHaveValue('');
  const load = (text: string) =>
    pull.dialog.getByLabel('Mapping file').setInputFiles({
      name: 'orders.mapping.json',
      mimeType: 'application/json',
      buffer: Buffer.from(text),
    });
  await load(JSON.stringify(mapping, null, 2));
  await expect(field).toHaveValue(/"title"/);
  await expect(await pull.test()).toContainText(/127\.0\.0\.1:9/);
  await load(JSON.stringify({ ...mapping, fields: { time: { column: 'when' } } }));
  await expect(await pull.test()).toContainText('a column for title is missing');
});
