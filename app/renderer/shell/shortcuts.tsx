import { openDialog, useCommands, type Command } from '../state';
import { Dialog, Kbd } from '../ui';

const GROUPS: readonly Command['group'][] = ['Case', 'Time', 'Selection', 'View', 'Panels', 'Help'];

/** `?`: every action that has a key. */
export function Shortcuts() {
  const commands = useCommands((state) => state.commands);
  const keyed = [...commands.values()].filter((command) => (command.keys?.length ?? 0) > 0);
  return (
    <Dialog title="Shortcuts" onClose={() => openDialog(undefined)} width={760}>
      <div className="shortcuts">
        {GROUPS.map((group) => {
          const list = keyed.filter((command) => command.group === group);
          if (list.length === 0) return null;
          return (
            <section key={group}>
              <h3 className="small faint">{group}</h3>
              <dl>
                {list.map(({ id, title, keys = [] }) => (
                  <div key={id}>
                    <dt>{title}</dt>
                    <dd>
                      {keys.map((key) => (
                        <Kbd key={key} keys={key} />
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}
