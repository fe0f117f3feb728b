/** Whichever dialog is asked for. */
export function Dialogs() {
  return null;
}
