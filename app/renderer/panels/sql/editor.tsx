import { autocompletion, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { HighlightStyle, bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useLayoutEffect, useRef } from 'react';

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '12px', backgroundColor: 'var(--bg-1)' },
  '.cm-content': { fontFamily: 'var(--font-mono)', caretColor: 'var(--fg-0)', padding: '8px 0' },
  '.cm-line': { padding: '0 10px' },
  '.cm-scroller': { lineHeight: '17px' },
  '&.cm-focused': { outline: 'none' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-dim) !important',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--bg-2)',
    border: '1px solid var(--line-strong)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--bg-3)',
    color: 'var(--fg-0)',
  },
  '.cm-placeholder': { color: 'var(--fg-2)' },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--base)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--change)' },
  { tag: tags.comment, color: 'var(--fg-2)' },
]);

/** The page's nonce, so that the editor's style element is let through. */
const nonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

/** A SQL editor: Mod+Enter runs; tables and columns complete. */
export function SqlEditor({
  text,
  schema,
  onChange,
  onRun,
}: {
  readonly text: string;
  readonly schema: Readonly<Record<string, readonly string[]>>;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const newest = useRef({ onChange, onRun });
  const first = useRef(text);
  useLayoutEffect(() => {
    newest.current = { onChange, onRun };
  });
  useEffect(() => {
    if (!place.current) return;
    const run = (): boolean => {
      newest.current.onRun();
      return true;
    };
    view.current = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          sql({ dialect: PostgreSQL, schema, upperCaseKeywords: true }),
          keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap]),
          theme,
          syntaxHighlighting(colours),
          placeholder('SELECT … read-only, in DuckDB’s dialect'),
          EditorView.contentAttributes.of({ 'aria-label': 'SQL' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) newest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    return () => view.current?.destroy();
  }, [schema]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);
  return <div ref={place} className="sql-editor" />;
}
