import { Modal, type ModalProps } from 'antd';
import { useFocusBack } from './useFocusBack';

/** A question over the page, there as long as it is drawn; afterwards the focus is where it was before. */
export function Dialog(props: ModalProps) {
  useFocusBack();
  return <Modal open {...props} />;
}
