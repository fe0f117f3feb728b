import type { LogTemplate } from '../../../../core/model';
import { setSearch, useApp } from '../../state';
import { Empty, EntityName, Tag, formatCount } from '../../ui';

const SHOWN = 200;

/** The fixed pieces of a template, as a search that finds its lines. */
export function templateSearch(template: string): string {
  return template
    .split('<*>')
    .map((piece) => piece.trim().replaceAll('"', ' ').trim())
    .filter((piece) => piece.length > 1)
    .map((piece) => `"${piece}"`)
    .join(' ');
}

function Template({ template }: { readonly template: LogTemplate }) {
  const { template: text, baselineCount, incidentCount, isNew, entityId, severity } = template;
  const search = templateSearch(text);
  const active = useApp((state) => state.search === search);
  return (
    <li className={active ? 'on' : ''}>
      <button
        type="button"
        title={`${text}\nClick: show its lines`}
        aria-pressed={active}
        onClick={() => setSearch(active ? '' : search)}
      >
        <span className={`mono template ${severity >= 17 ? 'crit' : severity >= 13 ? 'warn' : ''}`}>
          {text
            .split('<*>')
            .flatMap((piece, at) => [at > 0 ? <u key={`v${at}`}>‹…›</u> : null, piece])}
        </span>
      </button>
      <span className="small faint num template-foot">
        {entityId !== '' && <EntityName id={entityId} icon={false} />}
        {isNew ? <Tag tone="change">new</Tag> : `${formatCount(baselineCount)} →`}{' '}
        {formatCount(incidentCount)}
      </span>
    </li>
  );
}

/** What the lines look like without their variable parts, the most unusual first. */
export function Templates() {
  const templates = useApp((state) => state.analysis?.logTemplates);
  const entityId = useApp((state) => state.selection.entityId);
  const shown = (templates ?? []).filter(
    (template) => entityId === undefined || template.entityId === entityId,
  );
  if (shown.length === 0) {
    return <Empty title="No templates">{entityId ? 'None stands out here.' : 'None yet.'}</Empty>;
  }
  return (
    <ul className="templates" aria-label="Log templates">
      {shown.slice(0, SHOWN).map((template) => (
        <Template key={`${template.entityId} ${template.templateId}`} template={template} />
      ))}
      {shown.length > SHOWN && (
        <li className="small faint">{formatCount(shown.length - SHOWN)} more are less unusual</li>
      )}
    </ul>
  );
}
