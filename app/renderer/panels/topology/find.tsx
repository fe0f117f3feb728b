import { useEffect, useRef, useState } from 'react';
import { Button } from '../../ui';
import type { View } from './model';

/** Ids of nodes whose name contains the text, in the order of their names. */
export function matching({ nodes }: Pick<View, 'nodes'>, text: string): readonly string[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return nodes
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ id }) => id);
}

interface FindProps {
  readonly view: View;
  readonly onFound: (text: string, id: string | undefined) => void;
  readonly onPick: (id: string) => void;
  readonly onClose: () => void;
}

/** What was typed, what it matches, and which of them is shown. */
function useFind({ view, onFound, onClose }: FindProps) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const ids = matching(view, text);
  const go = (next: number): void => {
    const turned = ids.length > 0 ? (next + ids.length) % ids.length : 0;
    setAt(turned);
    onFound(text, ids[turned]);
  };
  const type = (typed: string): void => {
    setText(typed);
    setAt(0);
    onFound(typed, matching(view, typed)[0]);
  };
  const close = (): void => {
    onFound('', undefined);
    onClose();
  };
  return { text, at, ids, go, type, close };
}

/** Finds nodes by name: lights them, Enter or F3 goes from one to the next. */
export function FindBox(props: FindProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const { text, at, ids, go, type, close } = useFind(props);
  return (
    <div className="toolbar" role="search">
      <input
        className="input grow"
        placeholder="Find in the graph"
        aria-label="Find in the graph"
        value={text}
        ref={input}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') close();
          else if (event.key === 'F3' || event.key === 'Enter') go(at + (event.shiftKey ? -1 : 1));
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className="small faint num">
        {text === '' ? '' : ids.length === 0 ? 'none' : `${at + 1} of ${ids.length}`}
      </span>
      <Button
        tone="quiet"
        disabled={ids.length === 0}
        onClick={() => {
          const id = ids[at];
          if (id !== undefined) props.onPick(id);
        }}
      >
        Select
      </Button>
      <Button tone="quiet" shortcut="Escape" title="Close" onClick={close}>
        Close
      </Button>
    </div>
  );
}
