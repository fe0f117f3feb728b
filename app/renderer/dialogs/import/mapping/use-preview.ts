import { useCallback, useEffect, useRef, useState } from 'react';
import { asFaultlineError, isCancelled, type FaultlineError } from '../../../../../core/base';
import type { Mapping, TablePreview } from '../../../../../core/connect';
import { track, workbench } from '../../../state';
import type { Entry } from '../report';
import { withChoice, type TableChoices } from './tables';

export interface Draft {
  readonly mapping: Mapping;
  readonly preview: TablePreview;
}

interface Asked {
  readonly mapping?: Mapping;
  readonly mappingText?: string;
  readonly table?: string;
}

/** The mapping being made of a file, and its first rows as the data worker makes them of it. */
export function usePreview({ name, files, as, choices }: Entry) {
  const [draft, setDraft] = useState<Draft>();
  const [error, setError] = useState<FaultlineError>();
  const [none, setNone] = useState(false);
  const [tables, setTables] = useState<TablePreview['tables']>();
  /** What was decided of the tables of a database. */
  const [chosen, setChosen] = useState<TableChoices>(choices?.tables ?? {});
  const asked = useRef(0);
  const [first] = useState(choices);
  const ask = useCallback(
    async ({ mappingText, ...more }: Asked) => {
      const nth = ++asked.current;
      try {
        const options = { as, choices: { ...first, ...more }, mappingText };
        const preview = await track(workbench().previewTable(files, name, options));
        if (nth !== asked.current) return;
        setError(undefined);
        setNone(preview === null);
        if (!preview) return setDraft(undefined);
        const mapping = preview.mapping ?? emptyOf(preview);
        setDraft({ mapping, preview });
        setTables((before) => before ?? preview.tables);
        const { table } = preview;
        if (table !== undefined && mappingText !== undefined && preview.mapping) {
          setChosen((before) => withChoice(before, table, mapping));
        }
      } catch (problem) {
        if (nth === asked.current && !isCancelled(problem)) setError(asFaultlineError(problem));
      }
    },
    [files, name, as, first],
  );
  // The first look: by the mapping that was chosen before, else by a guess.
  useEffect(() => void ask({}), [ask]);
  const table = draft?.preview.table;
  const change = (mapping: Mapping): void => {
    setDraft((before) => before && { ...before, mapping });
    if (table !== undefined) setChosen((before) => withChoice(before, table, mapping));
    void ask({ mapping, table });
  };
  const load = (mappingText: string): void => void ask({ mappingText });
  const guess = (): void => {
    if (table !== undefined) setChosen((before) => withChoice(before, table, undefined));
    void ask({ mapping: undefined, table, ...(table === undefined ? {} : NO_TABLES) });
  };
  const show = (other: string): void => {
    // What can't be used is not kept.
    if (table !== undefined && draft && draft.preview.faults.length > 0) {
      setChosen((before) => withChoice(before, table, undefined));
    }
    void ask({ mapping: chosen[other] ?? undefined, table: other, ...NO_TABLES });
  };
  const choose = (what: string, choice: Mapping | null | undefined): void =>
    setChosen((before) => withChoice(before, what, choice));
  return { draft, error, none, tables, chosen, change, load, guess, show, choose };
}

/** What was chosen of tables before has no say: it is asked for one by one. */
const NO_TABLES = { tables: undefined };

const emptyOf = ({ table }: TablePreview): Mapping => ({
  target: 'logs',
  ...(table === undefined ? {} : { table }),
  fields: {},
});
