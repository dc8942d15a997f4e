import { useRef, type KeyboardEvent } from 'react';
import { Modal, type ModalProps } from 'antd';
import { useFocusBack } from './useFocusBack';

/**
 * A question over the page, there as long as it is drawn. It begins in its first field, Ctrl and Enter is its button,
 * and afterwards the focus is where it was before.
 */
export function Dialog({ children, ...props }: ModalProps) {
  useFocusBack();
  const body = useRef<HTMLDivElement>(null);
  const begin = (open: boolean) => {
    if (open && !body.current?.contains(document.activeElement)) body.current?.querySelector<HTMLElement>('input:not([hidden]):not(:disabled), textarea')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return;
    event.preventDefault();
    body.current?.closest('.ant-modal')?.querySelector<HTMLElement>('.ant-modal-footer .ant-btn-primary')?.click();
  };
  return <Modal open afterOpenChange={begin} {...props}><div ref={body} onKeyDown={onKeyDown}>{children}</div></Modal>;
}
