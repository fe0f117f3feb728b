import type { CaseRow } from '../../../core/session';
import { reportError, workbench } from '../state';
import type { MenuItems } from './menu';

/**
 * Menu items that lead to a row at the backends it came from; none for rows of files. The address is the source's,
 * which a stranger may have written: its host stands in the item, and the desktop app asks before it opens one.
 */
export async function backendItems(row: CaseRow): Promise<MenuItems> {
  try {
    const links = await workbench().linksTo(row);
    const items = links.flatMap(({ product, page, url }) => [
      {
        title: `Open ${placeOf(product, page)} (${new URL(url).host})`,
        run: () => void window.open(url, '_blank', 'noopener,noreferrer'),
      },
      {
        title:
          product === '' ? `Copy the address of ${page ?? 'it'}` : `Copy its address in ${product}`,
        run: () => void navigator.clipboard.writeText(url),
      },
    ]);
    return items.length === 0 ? [] : ['line', ...items];
  } catch (error) {
    reportError('Its backend could not be looked up', error);
    return [];
  }
}

function placeOf(product: string, page: string | undefined): string {
  if (product === '') return page ?? 'its page';
  return page ? `${page} in ${product}` : `in ${product}`;
}
