import { useEffect, useRef } from 'react';
import { create } from 'zustand';

/** Something a person can do: by key, in the palette, in the list of shortcuts. */
export interface Command {
  readonly id: string;
  /** Sentence case, an imperative: "Zoom to the incident". */
  readonly title: string;
  /** Heading it stands under in the list of shortcuts. */
  readonly group: 'Case' | 'Time' | 'Selection' | 'View' | 'Panels' | 'Help';
  /** 'Mod+K', 'Shift+M', '/', 'Escape'; several are alternatives. Mod is Ctrl, on a Mac Cmd. */
  readonly keys?: readonly string[];
  /** Undefined counts as true. */
  readonly enabled?: () => boolean;
  readonly run: () => void;
}

interface CommandState {
  readonly commands: ReadonlyMap<string, Command>;
}

export const useCommands = create<CommandState>()(() => ({ commands: new Map() }));

/** Registers commands; returns a function that takes them back. */
export function registerCommands(list: readonly Command[]): () => void {
  useCommands.setState(({ commands }) => {
    const next = new Map(commands);
    for (const command of list) next.set(command.id, command);
    return { commands: next };
  });
  return () =>
    useCommands.setState(({ commands }) => {
      const next = new Map(commands);
      for (const command of list) if (next.get(command.id) === command) next.delete(command.id);
      return { commands: next };
    });
}

/** Commands of a component for as long as it is mounted; `run` and `enabled` are always the newest. */
export function useCommandList(list: readonly Command[]): void {
  const newest = useRef(list);
  useEffect(() => {
    newest.current = list;
  });
  useEffect(
    () =>
      registerCommands(
        newest.current.map((command, at) => ({
          ...command,
          enabled: () => newest.current[at]?.enabled?.() ?? true,
          run: () => newest.current[at]?.run(),
        })),
      ),
    [],
  );
}

const IS_MAC = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac');

/** The name of what was pressed, as commands write it. */
export function keyName(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'Space' : event.key;
  const letter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const parts: string[] = [];
  if (IS_MAC ? event.metaKey : event.ctrlKey) parts.push('Mod');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && (letter || key.length > 1)) parts.push('Shift');
  parts.push(letter ? key.toUpperCase() : key);
  return parts.join('+');
}

/** A key as a person reads it: "Ctrl K", "⌘ K". */
export function keyLabel(key: string): string {
  return key
    .replace('Mod', IS_MAC ? '⌘' : 'Ctrl')
    .replace('Escape', 'Esc')
    .replace(/Arrow(\w+)/, '$1')
    .replaceAll('+', ' ');
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Finds the command of a key press. While somebody types, only Mod keys and Escape count. */
export function commandFor(event: KeyboardEvent): Command | undefined {
  if (event.defaultPrevented) return undefined;
  const name = keyName(event);
  if (isTyping(event.target) && !name.startsWith('Mod+')) return undefined;
  for (const command of useCommands.getState().commands.values()) {
    if (command.keys?.includes(name) && (command.enabled?.() ?? true)) return command;
  }
  return undefined;
}

export function runCommand(id: string): void {
  const command = useCommands.getState().commands.get(id);
  if (command && (command.enabled?.() ?? true)) command.run();
}
