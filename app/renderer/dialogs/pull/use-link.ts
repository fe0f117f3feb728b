import { useRef, useState } from 'react';
import type { PullLink } from '../../../../core/connect';
import { attempt, workbench } from '../../state';
import type { Asking } from './use-question';
import type { BackendForm } from './request';
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
 * and time are filled in from it.
 */
export function useLink(
  { form, edit }: Backend,
  { step }: Asking,
): { readonly link: PullLink | undefined; readonly onAddress: (text: string) => void } {
  const [link, setLink] = useState<PullLink>();
  const latest = useRef('');
  const fill = (found: PullLink): void => {
    const { connector, url, config, from, to, grafana } = found;
    const same = connector === form.connector && grafana === form.access.grafana;
    const other = same ? {} : { id: '', connector, name: '', ...accessThrough(form, grafana) };
    const before = connector === form.connector ? form.config : {};
    edit({ ...other, url, config: { ...before, ...config } });
    if (from !== undefined && to !== undefined) step({ kind: 'time', text: { from, to } });
    setLink(found);
  };
  const onAddress = (text: string): void => {
    edit({ url: text });
    latest.current = text;
    setLink(undefined);
    if (!MAY_BE_LINK.test(text)) return;
    attempt('The address could not be read', async () => {
      const found = await workbench().readLink(text);
      if (found && latest.current === text) fill(found);
    });
  };
  return { link, onAddress };
}
