import { useMemo, useState } from 'react';
import { parseEntityId, traceIdIn } from '../../../core/model';
import { tracePlaces } from '../../../core/model/queries';
import {
  openDialog,
  select,
  selectEntity,
  showPanel,
  useApp,
  useCommands,
  useQuery,
  type Command,
} from '../state';
import { KIND_WORD, Dialog, Kbd } from '../ui';

interface Choice {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly keys: string | undefined;
  readonly run: () => void;
}

/** Every word of what is typed must begin a word of the title. */
export function matches(title: string, typed: string): boolean {
  const words = title.toLowerCase().split(/[\s:._/-]+/);
  const asked = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return asked.every(
    (part) => words.some((word) => word.startsWith(part)) || title.toLowerCase().includes(part),
  );
}

function choicesOf(commands: Iterable<Command>, entityIds: readonly string[]): readonly Choice[] {
  const list: Choice[] = [];
  for (const { id, title, group, keys, enabled, run } of commands) {
    if (enabled && !enabled()) continue;
    list.push({ id, title, hint: group, keys: keys?.[0], run });
  }
  for (const id of entityIds) {
    const { name, kind } = parseEntityId(id);
    const run = (): void => selectEntity(id);
    list.push({ id: `entity ${id}`, title: name, hint: KIND_WORD[kind], keys: undefined, run });
  }
  return list;
}

/**
 * A trace by its id, as it is pasted from anywhere: to be opened where the case holds it, else to be pulled. `held` is
 * undefined while that is not known.
 */
function traceChoice(traceId: string | undefined, held: boolean | undefined): readonly Choice[] {
  if (traceId === undefined || held === undefined) return [];
  const id = `trace ${traceId}`;
  if (!held) {
    const run = (): void => openDialog({ kind: 'pull', trace: traceId });
    const hint = 'not in this case';
    return [{ id, title: `Pull trace ${traceId}…`, hint, keys: undefined, run }];
  }
  const run = (): void => {
    select({ traceId, spanId: undefined });
    showPanel('traces');
  };
  return [{ id, title: `Trace ${traceId}`, hint: 'by its id', keys: undefined, run }];
}

/** Whether the open case holds a trace; undefined while it is asked. */
function useHeld(traceId: string | undefined): boolean | undefined {
  const open = useApp((state) => state.info !== undefined);
  const { data, error, loading } = useQuery(
    traceId === undefined || !open ? undefined : tracePlaces({ trace: traceId, span: '' }),
  );
  if (!open || error) return false;
  return loading ? undefined : data && data.rows > 0;
}

const SHOWN = 12;

function Choices({
  shown,
  at,
  onPoint,
  onGo,
}: {
  readonly shown: readonly Choice[];
  readonly at: number;
  readonly onPoint: (at: number) => void;
  readonly onGo: (choice: Choice) => void;
}) {
  return (
    <ul id="palette-list" className="palette" role="listbox" aria-label="Matches">
      {shown.map((choice, index) => (
        <li
          key={choice.id}
          id={`palette-${index}`}
          role="option"
          aria-selected={index === at}
          className={index === at ? 'on' : ''}
          onPointerMove={() => onPoint(index)}
          onClick={() => onGo(choice)}
        >
          <span className="cut">{choice.title}</span>
          <span className="faint small">{choice.hint}</span>
          <span className="grow" />
          {choice.keys !== undefined && <Kbd keys={choice.keys} />}
        </li>
      ))}
    </ul>
  );
}

function footText(sql: string | undefined, found: number): string {
  if (sql !== undefined) return 'Enter runs it read-only in the SQL panel';
  return found > SHOWN ? `${found - SHOWN} more: type on` : `${found} found`;
}

/** What fits what is typed; nothing where that is not looked for. */
function useFound(typed: string | undefined): readonly Choice[] {
  const commands = useCommands((state) => state.commands);
  const entities = useApp((state) => state.entities);
  const all = useMemo(
    () =>
      choicesOf(
        commands.values(),
        entities.map((entity) => entity.id),
      ),
    [commands, entities],
  );
  const traceId = traceIdIn(typed ?? '');
  const held = useHeld(traceId);
  return useMemo(
    () =>
      typed === undefined
        ? []
        : [...traceChoice(traceId, held), ...all.filter((choice) => matches(choice.title, typed))],
    [all, typed, traceId, held],
  );
}

/** Mod+K: every command and every entity, by typing; a trace by its id. `:` runs SQL. */
export function Palette({ text }: { readonly text: string }) {
  const [typed, setTyped] = useState(text);
  const [at, setAt] = useState(0);
  const close = (): void => openDialog(undefined);
  const sql = typed.startsWith(':') ? typed.slice(1).trim() : undefined;
  const found = useFound(sql === undefined ? typed : undefined);
  const shown = found.slice(0, SHOWN);
  const go = (choice: Choice | undefined): void => {
    close();
    if (sql) {
      useApp.setState({ sql: { text: sql, title: 'Your query' } });
      showPanel('sql');
    } else choice?.run();
  };
  return (
    <Dialog title="Commands" onClose={close} width={560}>
      <input
        className="input palette-input"
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={shown[at] ? `palette-${at}` : undefined}
        aria-label="Command, entity, trace id, or : and SQL"
        placeholder="Command, entity or trace id; : for SQL"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(shown.length - 1, at + 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
          else if (event.key === 'Enter') go(shown[at]);
          else return;
          event.preventDefault();
        }}
      />
      <Choices shown={shown} at={at} onPoint={setAt} onGo={go} />
      <p className="faint small palette-foot">{footText(sql, found.length)}</p>
    </Dialog>
  );
}
