import { Fragment, useRef } from 'react';
import { useDraggable, useDroppable } from '@dnd-kit/core';
import { useTranslation } from 'react-i18next';
import type { ProblemError } from '@/api/types';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { say, type Design, type Question, type Tongue } from './forms';

/** A place between questions where one can be let go. */
function Gap({ at, busy }: { at: number; busy: boolean }) {
  const { setNodeRef, isOver } = useDroppable({ id: `gap:${at}`, data: { at } });
  return <li ref={setNodeRef} className={isOver ? 'form-gap over' : busy ? 'form-gap busy' : 'form-gap'} aria-hidden="true" />;
}

/** The question as it will look, more or less; the preview shows it exactly. */
function Face({ question, tongue }: { question: Question; tongue: Tongue }) {
  const { t } = useTranslation();
  if (question.type === 'heading') return <b>{say(question.label, tongue) || t('forms.no_words')}</b>;
  if (question.type === 'consent') return <span className="form-face-pick"><i />{say(question.text, tongue) || t('forms.no_words')}</span>;
  if (question.type === 'hidden') return <span className="t3">{t('forms.hidden_of', { name: question.parameter || question.value || question.id })}</span>;
  return (
    <>
      <span className="t2">{say(question.label, tongue) || t('forms.no_words')}{question.required && <span className="bad"> *</span>}</span>
      {question.type === 'choices' || (question.type === 'choice' && (question.options?.length ?? 0) <= 5)
        ? question.options?.map((option, index) => <span key={index} className={question.type === 'choice' ? 'form-face-pick round' : 'form-face-pick'}><i />{say(option, tongue)}</span>)
        : <span className={question.type === 'long_text' ? 'form-face-input tall' : 'form-face-input'} />}
    </>
  );
}

interface CardProps {
  question: Question;
  index: number;
  count: number;
  tongue: Tongue;
  chosen: boolean;
  errors: ProblemError[];
  onChoose: () => void;
  onMove: (to: number) => void;
  onRemove: () => void;
}

function QuestionCard({ question, index, count, tongue, chosen, errors, onChoose, onMove, onRemove }: CardProps) {
  const { t } = useTranslation();
  const name = say(question.label ?? question.text, tongue) || t(`forms.type_${question.type}`);
  const { attributes, listeners, setNodeRef, isDragging } = useDraggable({ id: `question:${question.id}`, data: { from: index, label: name }, attributes: { roleDescription: t('sorted.role') } });
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.altKey && event.key === 'ArrowUp' && index > 0) onMove(index - 1);
    else if (event.altKey && event.key === 'ArrowDown' && index < count - 1) onMove(index + 2);
    else if (event.key === 'Delete') onRemove();
    else return;
    event.preventDefault();
  };
  // A mouse may take hold anywhere; a finger scrolls, and drags by the grip.
  const onPointerDown = (event: React.PointerEvent) => {
    if (event.pointerType === 'mouse') listeners?.onPointerDown?.(event);
  };
  const classes = ['form-card', chosen ? 'on' : '', errors.length ? 'wrong' : '', isDragging ? 'dragged' : '', question.half ? 'half' : ''].filter(Boolean).join(' ');
  return (
    <li className={classes}>
      <span ref={setNodeRef} className="form-grip" {...attributes} {...listeners} tabIndex={-1} aria-label={t('forms.drag', { name })}><Icon name="grip" size={14} /></span>
      <button type="button" className="form-card-body" aria-pressed={chosen} aria-label={t('forms.question_of', { name })} onClick={onChoose} onKeyDown={onKeyDown} onPointerDown={onPointerDown}>
        <Face question={question} tongue={tongue} />
        {(question.show_if || errors.length > 0) && (
          <span className="row wrap">
            {question.show_if && <span className="pill info">{t('forms.conditional')}</span>}
            {errors.map((error) => <span key={error.pointer + error.code} className="bad small-text">{error.message}</span>)}
          </span>
        )}
      </button>
      {chosen && (
        <span className="form-card-tools">
          <IconButton small icon="up" label={t('forms.up')} hotkey="Alt ↑" disabled={index === 0} onClick={() => onMove(index - 1)} />
          <IconButton small icon="down" label={t('forms.down')} hotkey="Alt ↓" disabled={index === count - 1} onClick={() => onMove(index + 2)} />
          <IconButton small icon="trash" label={t('action.delete')} onClick={onRemove} />
        </span>
      )}
    </li>
  );
}

interface Props {
  design: Design;
  tongue: Tongue;
  chosen: number | null;
  dragging: boolean;
  errors: Map<number, ProblemError[]>;
  onChoose: (index: number | null) => void;
  onMove: (from: number, to: number) => void;
  onRemove: (index: number) => void;
}

/** The questions in their order. */
export function Canvas({ design, tongue, chosen, dragging, errors, onChoose, onMove, onRemove }: Props) {
  const { t } = useTranslation();
  const { questions } = design;
  const list = useRef<HTMLOListElement>(null);
  const remove = (index: number) => {
    onRemove(index);
    requestAnimationFrame(() => {
      const cards = list.current?.querySelectorAll<HTMLElement>('.form-card-body') ?? [];
      cards[Math.min(index, cards.length - 1)]?.focus();
    });
  };
  return (
    <div className="form-canvas">
      <button type="button" className={chosen === null ? 'form-title on' : 'form-title'} aria-pressed={chosen === null} onClick={() => onChoose(null)}>
        <b>{say(design.title, tongue) || t('forms.no_title')}</b>
        {say(design.intro, tongue) && <span className="t2">{say(design.intro, tongue)}</span>}
        {(errors.get(-1) ?? []).map((error) => <span key={error.pointer + error.code} className="bad small-text">{error.message}</span>)}
      </button>
      <ol ref={list} aria-label={t('forms.questions')}>
        {questions.map((question, index) => (
          <Fragment key={question.id}>
            <Gap at={index} busy={dragging} />
            <QuestionCard
              question={question} index={index} count={questions.length} tongue={tongue} chosen={chosen === index} errors={errors.get(index) ?? []}
              onChoose={() => onChoose(index)} onMove={(to) => onMove(index, to)} onRemove={() => remove(index)}
            />
          </Fragment>
        ))}
        <Gap at={questions.length} busy={dragging} />
      </ol>
      {questions.length === 0 && <p className="t3">{t('forms.drag_here')}</p>}
      <span className="button primary form-canvas-send">{say(design.button, tongue) || t('forms.send')}</span>
    </div>
  );
}
