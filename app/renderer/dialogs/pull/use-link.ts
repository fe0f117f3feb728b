import { useRef, useState } from 'react';
import type { PullLink } from '../../../../core/connect';
import { traceIdsIn } from '../../../../core/model';
import { attempt, workbench } from '../../state';
import type { Asking } from './use-question';
import type { BackendForm } from './request';
import { settingsIn } from './trace-stores';
import type { Backend } from './use-backend';

/** Through Grafana, whose tokens are bearer tokens, or straight to the backend. */
function accessThrough(
  { auth, access }: BackendForm,
  grafana: string | undefined,
): Pick<BackendForm, 'auth' | 'access'> {
  const through = grafana === undefined ? auth : auth === 'none' ? 'bearer' : auth;
  return { auth: through, access: { ...access, grafana } };
}

/** Only addresses of pages have these: a plain one is not worth a question. */
const MAY_BE_LINK = /[?#]|\/traces?\//;

/**
 * The address field: where a page's address is pasted (a graph, a search, a trace), kind, base address, settings
 * and time are filled in from it; trace ids alone go to a store of traces. `onPaste` tells whether it took the text.
 */
export function useLink(
  { form, connector: kind, edit, nameTraces }: Backend,
  { step }: Asking,
): {
  readonly link: PullLink | undefined;
  readonly onAddress: (text: string) => void;
  readonly onPaste: (text: string) => boolean;
} {
  const [link, setLink] = useState<PullLink>();
  const latest = useRef('');
  const fill = (found: PullLink): void => {
    const { connector, url, config, from, to, grafana } = found;
    const same = connector === form.connector && grafana === form.access.grafana;
    const other = same ? {} : { id: '', connector, name: '', ...accessThrough(form, grafana) };
    const before = connector === form.connector ? settingsIn(form.config, kind) : {};
    edit({ ...other, url, config: { ...before, ...config } });
    if (from !== undefined && to !== undefined) step({ kind: 'time', text: { from, to } });
    setLink(found);
  };
  const onPaste = (text: string): boolean => {
    const ids = traceIdsIn(text);
    if (!ids) return false;
    latest.current = text;
    setLink(undefined);
    nameTraces(ids);
    step({ kind: 'backend' });
    return true;
  };
  const onAddress = (text: string): void => {
    if (onPaste(text)) return;
    edit({ url: text });
    latest.current = text;
    setLink(undefined);
    if (!MAY_BE_LINK.test(text)) return;
    attempt('The address could not be read', async () => {
      const found = await workbench().readLink(text);
      if (found && latest.current === text) fill(found);
    });
  };
  return { link, onAddress, onPaste };
}
