import { useCallback, useEffect, useRef, useState } from 'react';
import { asFaultlineError, isCancelled, type FaultlineError } from '../../../../../core/base';
import type { Mapping, ReadChoices, TablePreview } from '../../../../../core/connect';
import { track, workbench } from '../../../state';
import type { Entry } from '../report';

export interface Draft {
  readonly mapping: Mapping;
  readonly preview: TablePreview;
}

/** The mapping being made of a file, and its first rows as the data worker makes them of it. */
export function usePreview({ name, files, as, choices }: Entry) {
  const [draft, setDraft] = useState<Draft>();
  const [error, setError] = useState<FaultlineError>();
  const [none, setNone] = useState(false);
  const asked = useRef(0);
  const ask = useCallback(
    async (more: { readonly choices?: ReadChoices; readonly mappingText?: string }) => {
      const nth = ++asked.current;
      try {
        const preview = await track(workbench().previewTable(files, name, { as, ...more }));
        if (nth !== asked.current) return;
        setError(undefined);
        setNone(preview === null);
        if (!preview) return setDraft(undefined);
        setDraft({ mapping: preview.mapping ?? { target: 'logs', fields: {} }, preview });
      } catch (problem) {
        if (nth === asked.current && !isCancelled(problem)) setError(asFaultlineError(problem));
      }
    },
    [files, name, as],
  );
  // The first look: by the mapping that was chosen before, else by a guess.
  const [first] = useState(choices);
  useEffect(() => void ask({ choices: first }), [ask, first]);
  const change = useCallback(
    (mapping: Mapping) => {
      setDraft((before) => before && { ...before, mapping });
      void ask({ choices: { ...first, mapping } });
    },
    [ask, first],
  );
  const load = useCallback(
    (mappingText: string) => void ask({ choices: first, mappingText }),
    [ask, first],
  );
  const guess = useCallback(
    () => void ask({ choices: { ...first, mapping: undefined } }),
    [ask, first],
  );
  return { draft, error, none, change, load, guess };
}
