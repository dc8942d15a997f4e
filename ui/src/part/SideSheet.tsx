import { useState, type ReactNode } from 'react';
import { Drawer } from 'antd';
import { useSize } from '@/app/preferences';
import { Unsaved, UnsavedQuestion } from './Unsaved';
import { useFocusBack } from './useFocusBack';

interface Props {
  title: ReactNode;
  onClose: () => void;
  width: number;
  footer?: ReactNode;
  /** What was typed here is saved, or of no worth: closing asks nothing. */
  settled?: boolean;
  children: ReactNode;
}

/**
 * A form or a list at the side of the page; on a phone the whole screen. Once something was typed in it,
 * a click beside it, Esc or the way back ask before it is thrown away.
 */
export function SideSheet({ title, onClose, width, footer, settled = false, children }: Props) {
  const phone = useSize() === 'phone';
  useFocusBack();
  const [typed, setTyped] = useState(false);
  const [asking, setAsking] = useState(false);
  const unsaved = typed && !settled;
  return (
    <Drawer open onClose={() => (unsaved ? setAsking(true) : onClose())} size={phone ? '100%' : width} title={title} footer={footer}>
      <div className="sheet-body" onInput={() => setTyped(true)}>{children}</div>
      <Unsaved when={unsaved} />
      <UnsavedQuestion open={asking} onStay={() => setAsking(false)} onLeave={onClose} />
    </Drawer>
  );
}
