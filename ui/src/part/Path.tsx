import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './Icon';
import './path.css';

export interface PathStep {
  id: string;
  label: string;
  /** Time spent or day entered, at the right. */
  note?: string;
}

interface Props {
  steps: PathStep[];
  current: string;
  onStep?: (id: string) => void;
}

/** Stages of a record: passed, current, ahead. Pressed to go there. */
export function Path({ steps, current, onStep }: Props) {
  const { t } = useTranslation();
  const at = steps.findIndex((step) => step.id === current);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // Where the path is wider than the phone, one sees where one is.
    const now = list.current?.children[at];
    if (list.current && now instanceof HTMLElement) list.current.scrollLeft = now.offsetLeft - (list.current.clientWidth - now.offsetWidth) / 2;
  }, [at]);
  return (
    <ol ref={list} className="path" aria-label={t('record.path')}>
      {steps.map((step, index) => {
        const state = index < at ? 'done' : index === at ? 'now' : '';
        return (
          <li key={step.id} className={state} aria-current={state === 'now' ? 'step' : undefined}>
            <button type="button" disabled={!onStep || index === at} onClick={() => onStep?.(step.id)}>
              {state === 'done' && <Icon name="check" size={14} />}
              <span className="ellipsis">{step.label}</span>
              {step.note && <span className="path-note">{step.note}</span>}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
