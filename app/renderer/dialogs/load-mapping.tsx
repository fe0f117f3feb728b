import { useRef } from 'react';
import { attempt } from '../state';
import { Button } from '../ui';

/** Reads a mapping file. */
export function LoadMapping({ onText }: { readonly onText: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        hidden
        aria-label="Mapping file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) attempt('The mapping could not be read', async () => onText(await file.text()));
        }}
      />
      <Button onClick={() => input.current?.click()}>Load a file…</Button>
    </>
  );
}
