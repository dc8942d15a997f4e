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
  return (
    <ol className="path" aria-label={t('record.path')}>
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
