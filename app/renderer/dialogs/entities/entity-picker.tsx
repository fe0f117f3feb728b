import {
  Button,
  ComboBox,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
} from 'react-aria-components';
import type { Entity } from '../../../../core/model';
import { KIND_WORD } from '../../ui';

/** Chooses one entity by typing part of its name. */
export function EntityPicker({
  label,
  entities,
  value,
  onChange,
}: {
  readonly label: string;
  readonly entities: readonly Entity[];
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}) {
  return (
    <ComboBox
      className="field entity-picker"
      defaultItems={entities}
      value={value ?? null}
      onChange={(key) => onChange(key === null ? undefined : String(key))}
    >
      <Label>{label}</Label>
      <div className="entity-field">
        <Input className="input" spellCheck={false} />
        <Button className="btn" aria-label="Show all">
          ▾
        </Button>
      </div>
      <Popover className="entity-popover">
        <ListBox className="entity-options">
          {(entity: Entity) => (
            <ListBoxItem
              id={entity.id}
              textValue={`${entity.name}, ${KIND_WORD[entity.kind]}`}
              className="entity-option"
            >
              <span className="grow cut">{entity.name}</span>
              <span className="small faint">{KIND_WORD[entity.kind]}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
