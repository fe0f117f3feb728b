import { Button, formatMs } from '../../ui';
import { lacking } from './request';
import { adviceOn, testSteps } from './steps';
import type { Backend, TestState } from './use-backend';

/** Asks the backend who it is, and says at which step it ended where it did. */
export function Test({ backend }: { readonly backend: Backend }) {
  const { form, connector, kept, tested, test } = backend;
  const lack = lacking(form, connector, kept);
  return (
    <div className="field-row pull-test-row">
      <Button
        disabled={lack !== undefined || tested?.kind === 'asking'}
        title={lack ?? 'Asks the backend who it is'}
        onClick={() => void test()}
      >
        Test
      </Button>
      <div className="pull-test" role="status">
        {!tested && <span className="faint">{lack ?? 'Not asked yet.'}</span>}
        {tested?.kind === 'asking' && <span className="faint">Asking…</span>}
        {tested?.kind === 'found' && <Found tested={tested} />}
        {tested?.kind === 'failed' && <Failed tested={tested} form={form} />}
      </div>
    </div>
  );
}

function Found({ tested }: { readonly tested: Extract<TestState, { readonly kind: 'found' }> }) {
  const { probe, ms } = tested;
  return (
    <>
      <p>
        <span className="ok" aria-hidden>
          ●{' '}
        </span>
        {probe.product} <span className="faint num">{formatMs(ms)}</span>
      </p>
      <p className="second num">{probe.facts.join(', ')}</p>
      {probe.notices.map(({ code, message, severity }) => (
        <p key={code + message} className={severity === 'info' ? 'second' : 'warn'}>
          {severity === 'info' ? '' : '▲ '}
          {message}
        </p>
      ))}
    </>
  );
}

function Failed({
  tested,
  form,
}: {
  readonly tested: Extract<TestState, { readonly kind: 'failed' }>;
  readonly form: Backend['form'];
}) {
  const steps = testSteps(tested, form);
  return (
    <>
      {steps.length > 0 && (
        <ol className="test-steps small" aria-label="Steps">
          {steps.map(({ title, state }) => (
            <li key={title} className={state === 'failed' ? 'crit' : 'second'}>
              <span aria-label={state}>{state === 'failed' ? '■' : '✓'}</span> {title}
            </li>
          ))}
        </ol>
      )}
      <p className="crit">{tested.message}</p>
      <p className="second">{adviceOn(tested)}</p>
    </>
  );
}
