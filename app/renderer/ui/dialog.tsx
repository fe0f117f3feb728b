import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

/**
 * A modal dialog: title, scrolling body, a footer with the actions. Escape closes it, and so does a click
 * beside it, unless it is `held`. A `flush` body has no padding and does not scroll: what is in it does.
 */
export function Dialog({
  title,
  aside,
  onClose,
  children,
  footer,
  width = 720,
  held = false,
  flush = false,
}: {
  readonly title: string;
  /** To the right of the title. */
  readonly aside?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly width?: number;
  readonly held?: boolean;
  readonly flush?: boolean;
}) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={!held}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="modal" style={{ width }}>
        <AriaDialog className="dialog">
          <div className="dialog-head">
            <Heading slot="title" className="dialog-title">
              {title}
            </Heading>
            {aside}
          </div>
          <div className={`dialog-body ${flush ? 'flush' : ''}`}>{children}</div>
          {footer !== undefined && <div className="dialog-footer">{footer}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
