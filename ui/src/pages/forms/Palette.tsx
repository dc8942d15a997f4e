import { useDraggable } from '@dnd-kit/core';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import type { Field } from '@/api/types';
import { fieldsFor, questionFor, questionOf, questionTypes, type Question, type Tongue } from './forms';

/** What can be dragged in: a question that is made when it lands. */
export interface Offer {
  key: string;
  label: string;
  make: (questions: Question[]) => Question;
}

function Item({ offer, onAdd }: { offer: Offer; onAdd: () => void }) {
  const { t } = useTranslation();
  const { attributes, listeners, setNodeRef, isDragging } = useDraggable({ id: `offer:${offer.key}`, data: { offer }, attributes: { roleDescription: t('sorted.role') } });
  return (
    <li>
      <button type="button" ref={setNodeRef} className={isDragging ? 'form-offer dragged' : 'form-offer'} {...attributes} {...listeners} onClick={onAdd}>{offer.label}</button>
    </li>
  );
}

/** Questions to choose from: those that fill a field of the lead, and others. Dragged in, or added by a click. */
export function Palette({ questions, onAdd }: { questions: Question[]; onAdd: (question: Question) => void }) {
  const { t, i18n } = useTranslation();
  const lead = useModel().named('lead');
  const tongue: Tongue = i18n.language === 'en' ? 'en' : 'zh';
  const used = new Set(questions.map(({ maps }) => maps));
  const ofField = (field: Field): Offer => ({ key: field.name, label: field.label, make: (all) => questionFor(field, all, tongue) });
  const fields = fieldsFor(lead).filter(({ name }) => !used.has(name)).map(ofField);
  const others = questionTypes.map((type): Offer => ({
    key: `type-${type}`, label: t(`forms.type_${type}`), make: (all) => questionOf(type, all, tongue),
  }));
  const list = (offers: Offer[]) => <ul>{offers.map((offer) => <Item key={offer.key} offer={offer} onAdd={() => onAdd(offer.make(questions))} />)}</ul>;
  return (
    <aside className="form-palette" aria-label={t('forms.palette')}>
      <h3>{t('forms.own_questions')}</h3>{list(others)}
      <h3>{t('forms.lead_fields')}</h3>{list(fields)}
    </aside>
  );
}
