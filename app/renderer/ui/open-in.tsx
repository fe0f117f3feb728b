import type { CaseRow } from '../../../core/session';
import { openMenu } from './menu';
import { backendItems } from './row-links';
import { Button } from './widgets';

const NOTHING = {
  title: 'It came from no backend that has a page for it',
  run: () => undefined,
  disabled: true,
};

/** A button with a menu of the pages that show a row where it came from, below it. */
export function OpenIn({ row, title }: { readonly row: CaseRow; readonly title?: string }) {
  const open = async (button: HTMLElement): Promise<void> => {
    const { left: clientX, bottom: clientY } = button.getBoundingClientRect();
    const [, ...items] = await backendItems(row);
    const at = { preventDefault: () => undefined, clientX, clientY };
    openMenu(at, items.length > 0 ? items : [NOTHING]);
  };
  return (
    <Button
      tone="quiet"
      title={title ?? 'Its page at the backend that it came from'}
      onClick={(event) => void open(event.currentTarget)}
    >
      Open in…
    </Button>
  );
}
