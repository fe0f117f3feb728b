import { useEffect, useRef, type ReactNode } from 'react';
import { create } from 'zustand';

export interface MenuItem {
  readonly title: string;
  readonly run: () => void;
  readonly disabled?: boolean;
  readonly shortcut?: ReactNode;
}

interface MenuState {
  readonly at: { readonly x: number; readonly y: number } | undefined;
  readonly items: readonly (MenuItem | 'line')[];
}

const useMenu = create<MenuState>()(() => ({ at: undefined, items: [] }));

/** Opens the context menu where the pointer is. Call it from onContextMenu. */
export function openMenu(
  event: { preventDefault(): void; clientX: number; clientY: number },
  items: readonly (MenuItem | 'line')[],
): void {
  event.preventDefault();
  useMenu.setState({ at: { x: event.clientX, y: event.clientY }, items });
}

const close = (): void => useMenu.setState({ at: undefined });

/** Mounted once by the shell. */
export function MenuHost() {
  const { at, items } = useMenu();
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
          top: Math.min(at.y, innerHeight - items.length * 26 - 12),
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
