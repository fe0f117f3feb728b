import { useEffect, useRef, type ReactNode } from 'react';
import { create } from 'zustand';

export interface MenuItem {
  readonly title: string;
  readonly run: () => void;
  readonly disabled?: boolean;
  readonly shortcut?: ReactNode;
}

export type MenuItems = readonly (MenuItem | 'line')[];

interface MenuState {
  readonly at: { readonly x: number; readonly y: number } | undefined;
  readonly items: MenuItems;
  /** Items there is room for, so that the menu does not move under the pointer as more come. */
  readonly room: number;
}

const useMenu = create<MenuState>()(() => ({ at: undefined, items: [], room: 0 }));

/** Items that are looked for while the menu is open. */
const LATE = 3;

/** Opens the context menu where the pointer is. Call it from onContextMenu. `late` are added below as they come. */
export function openMenu(
  event: { preventDefault(): void; clientX: number; clientY: number },
  items: MenuItems,
  late?: Promise<MenuItems>,
): void {
  event.preventDefault();
  const at = { x: event.clientX, y: event.clientY };
  useMenu.setState({ at, items, room: items.length + (late ? LATE : 0) });
  void addLate(at, late);
}

async function addLate(at: MenuState['at'], late: Promise<MenuItems> | undefined): Promise<void> {
  const more = await late;
  if (!more || useMenu.getState().at !== at) return;
  useMenu.setState(({ items }) => ({ items: [...items, ...more] }));
}

const close = (): void => useMenu.setState({ at: undefined });

/** Mounted once by the shell. */
export function MenuHost() {
  const { at, items, room } = useMenu();
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!at) return;
    const before = document.activeElement;
    ref.current?.querySelector<HTMLElement>('[role=menuitem]:not(:disabled)')?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, [at]);
  if (!at) return null;
  return (
    <div className="menu-veil" onPointerDown={close} onContextMenu={(e) => e.preventDefault()}>
      <div
        ref={ref}
        className="menu"
        role="menu"
        style={{
          left: Math.min(at.x, innerWidth - 260),
          top: Math.min(at.y, innerHeight - Math.max(room, items.length) * 26 - 12),
        }}
        onPointerDown={(e) => e.stopPropagation()}
        onKeyDown={(event) => moveFocus(event)}
      >
        {items.map((item, index) =>
          item === 'line' ? (
            <hr key={index} />
          ) : (
            <button
              key={index}
              type="button"
              role="menuitem"
              disabled={item.disabled}
              onClick={() => {
                close();
                item.run();
              }}
            >
              <span>{item.title}</span>
              {item.shortcut}
            </button>
          ),
        )}
      </div>
    </div>
  );
}

function moveFocus(event: React.KeyboardEvent<HTMLDivElement>): void {
  if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    event.stopPropagation();
    close();
    return;
  }
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const items = [
    ...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]:not(:disabled)'),
  ];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + step + items.length) % items.length]?.focus();
}
