import { useState } from 'react';
import { Button, Input, InputNumber, Radio, Switch } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords, useRecord } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { useSize } from '@/app/preferences';
import { ConditionEditor } from '@/condition/ConditionEditor';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { NotThere } from '@/part/Refusal';
import { SkeletonLines } from '@/part/Skeleton';
import { Unsaved } from '@/part/Unsaved';
import { BrokenParts } from './BrokenParts';
import { RuleEditor } from './RuleEditor';
import { useStandings } from './standing';
import { TryPanel } from './TryPanel';
import { Versions } from './Versions';
import { WhatIf } from './WhatIf';
import { bodyOf, cardOf, errorsByRule, freeKey, placed, type Card, type CardKind, type EventChoice, type Rule, type Tried } from './scoring';

interface PartProps {
  card: Card;
  set: (change: Partial<Card>) => void;
}

function Basics({ card, set, entity, isNew }: PartProps & { entity: Entity; isNew: boolean }) {
  const { t } = useTranslation();
  const model = useModel();
  const kinds: CardKind[] = ['lead', 'person'];
  return (
    <section className="section">
      <div className="card-basics">
        <label><span className="small-text t2">{t('scoring.card_name')}</span><Input value={card.name} maxLength={60} onChange={(event) => set({ name: event.target.value })} /></label>
        <label><span className="small-text t2">{t('scoring.description')}</span><Input value={card.description} maxLength={500} onChange={(event) => set({ description: event.target.value })} /></label>
      </div>
      {isNew && (
        <div className="row"><span className="t2">{t('scoring.whom')}</span>
          <Radio.Group value={card.entity_name} onChange={(event) => set({ entity_name: event.target.value as CardKind, audience: null, rules: [] })} options={kinds.map((value) => ({ value, label: model.named(value)?.label_plural ?? value }))} />
        </div>
      )}
      <h3>{t('scoring.audience')}<span className="t3 optional">{t('scoring.audience_hint')}</span></h3>
      <ConditionEditor key={card.entity_name} entity={entity} value={card.audience} onChange={(audience) => set({ audience })} />
    </section>
  );
}

/** Bounds and tiers on one scale. */
function Tiers({ card, set }: PartProps) {
  const { t } = useTranslation();
  const span = Math.max(card.maximum - card.minimum, 1);
  const share = (from: number, to: number) => ({ flexGrow: Math.max(0, Math.min(to, card.maximum) - Math.max(from, card.minimum)) / span });
  const numbers = ['minimum', 'middle_from', 'high_from', 'maximum', 'margin'] as const;
  return (
    <section className="section">
      <div className="section-head"><h2>{t('scoring.tiers')}</h2></div>
      <div className="tier-scale" aria-hidden="true">
        <span className="low" style={share(card.minimum, card.middle_from)}>{t('scoring.tier_low')} &lt; {card.middle_from}</span>
        <span className="middle" style={share(card.middle_from, card.high_from)}>{t('scoring.tier_middle')} {card.middle_from}–{card.high_from}</span>
        <span className="high" style={share(card.high_from, card.maximum)}>{t('scoring.tier_high')} ≥ {card.high_from}</span>
      </div>
      <div className="rule-limits">
        {numbers.map((name) => (
          <label key={name}><span className="small-text t2">{t(`scoring.${name}`)}</span><InputNumber size="small" precision={0} value={card[name]} onChange={(value) => set({ [name]: value ?? 0 })} /></label>
        ))}
      </div>
      <p className="t3 small-text">{t('scoring.margin_hint', { from: card.high_from, to: card.high_from - card.margin })}</p>
    </section>
  );
}

interface RulesProps extends PartProps {
  entity: Entity;
  errors: Map<number, string[]>;
  tried: Tried | undefined;
}

/** The rules, dragged or moved by their arrows; one is open at a time. */
function Rules({ card, set, entity, errors, tried }: RulesProps) {
  const { t, i18n } = useTranslation();
  const [open, setOpen] = useState<string | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const { data } = useQuery({ queryKey: ['score_events', i18n.language], staleTime: 300_000, queryFn: () => api.get<{ data: EventChoice[] }>('/score_cards/events') });
  const { rules } = card;
  const change = (index: number, rule: Rule) => set({ rules: rules.map((one, at) => (at === index ? rule : one)) });
  const add = (rule: Omit<Rule, 'key'>) => { const key = freeKey(rules); set({ rules: [...rules, { key, ...rule }] }); setOpen(key); };
  const move = (from: number, to: number) => set({ rules: placed(rules, from, to) });
  const drop = (index: number) => { if (dragged !== null && dragged !== index) move(dragged, index); setDragged(null); setOver(null); };
  return (
    <section className="section">
      <div className="section-head"><h2>{t('scoring.rules')}</h2><span className="t3 small-text">{rules.length}</span></div>
      {rules.length === 0 && <p className="t2 dense">{t('scoring.rules_hint')}</p>}
      <ol className="score-rule-list">
        {rules.map((rule, index) => (
          <li
            key={rule.key} draggable={open !== rule.key} className={`${over === index && dragged !== index ? 'drop' : ''} ${dragged === index ? 'dragged' : ''}`}
            onDragStart={() => setDragged(index)} onDragOver={(event) => { event.preventDefault(); setOver(index); }} onDragEnd={() => { setDragged(null); setOver(null); }} onDrop={() => drop(index)}
          >
            <RuleEditor
              entity={entity} rule={rule} events={data?.data ?? []} errors={errors.get(index)} open={open === rule.key} onOpen={() => setOpen(open === rule.key ? null : rule.key)}
              onChange={(next) => change(index, next)} onRemove={() => set({ rules: rules.filter((one) => one !== rule) })}
              onUp={index > 0 ? () => move(index, index - 1) : undefined} onDown={index < rules.length - 1 ? () => move(index, index + 1) : undefined}
              given={tried?.rules?.find(({ key }) => key === rule.key)?.points}
            />
          </li>
        ))}
      </ol>
      <div className="row wrap">
        <button type="button" className="quiet-button small" onClick={() => add({ name: '', points: 10, when: null })}><Icon name="plus" size={14} />{t('scoring.add_static')}</button>
        <button type="button" className="quiet-button small" onClick={() => add({ name: '', points: 5, event: 'page.viewed', where: [] })}><Icon name="plus" size={14} />{t('scoring.add_event')}</button>
      </div>
    </section>
  );
}

function useSave(record: RecordRow | null) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (card: Card) => (record ? patchRecord('score_cards', record.id, record.version, bodyOf(card)) : api.post<RecordRow>('/score_cards', { ...bodyOf(card), enabled: false })),
    onSuccess: async (saved) => {
      await refreshRecords(client, 'score_cards');
      await Promise.all(['score_standing', 'score_versions', 'score'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      message.info(t(saved.enabled ? 'scoring.saved' : 'scoring.saved_off'));
      if (!record) void navigate(`/scoring/${saved.id}`, { replace: true });
    },
  });
}

/** Whether the card counts; turned when nothing is unsaved. */
function Turn({ record, held }: { record: RecordRow; held: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { mutate, isPending } = useMutation({
    mutationFn: (enabled: boolean) => patchRecord('score_cards', record.id, record.version, { enabled }),
    onSuccess: (saved) => { message.info(t(saved.enabled ? 'scoring.saved' : 'scoring.saved_off')); },
    onError: (failure) => message.error(errorText(failure)),
    onSettled: async () => { await refreshRecords(client, 'score_cards'); await client.invalidateQueries({ queryKey: ['score_standing'] }); },
  });
  return (
    <label className="row dense nowrap" title={held ? t('scoring.save_first') : undefined}>
      <Switch size="small" checked={record.enabled === true} disabled={held} loading={isPending} onChange={(enabled) => mutate(enabled)} />
      {t(record.enabled ? 'scoring.enabled' : 'scoring.disabled')}
    </label>
  );
}

function Editor({ record, entity: cards }: { record: RecordRow | null; entity: Entity }) {
  const { t } = useTranslation();
  const model = useModel();
  const phone = useSize() === 'phone';
  const [card, setCard] = useState(() => cardOf(record));
  const [tried, setTried] = useState<Tried | undefined>();
  const { mutate: save, isPending, error } = useSave(record);
  const standing = useStandings()?.find(({ card_id: id }) => id === record?.id);
  const set = (change: Partial<Card>) => setCard((before) => ({ ...before, ...change }));
  const entity = model.named(card.entity_name);
  const problem = error instanceof ApiError ? error.problem : undefined;
  const errors = errorsByRule(problem);
  const changed = JSON.stringify(bodyOf(card)) !== JSON.stringify(bodyOf(cardOf(record)));
  const mayEdit = cards.actions.create;
  if (!entity) return <NotThere />;
  return (
    <div className="page">
      <Unsaved when={changed && mayEdit} />
      <header className="page-head">
        <Link to="/scoring" className="t2">{t('scoring.title')}</Link><span className="t3">/</span>
        <h1 className="ellipsis">{card.name || t('scoring.new')}</h1>
        {record && !mayEdit && <span className={`pill ${record.enabled ? 'ok' : ''}`}>{t(record.enabled ? 'scoring.enabled' : 'scoring.disabled')}</span>}
        <span className="grow" />
        {record && mayEdit && <Turn record={record} held={changed} />}
        {mayEdit && <Button type="primary" loading={isPending} disabled={!changed && record !== null} onClick={() => save(card)}>{t('action.save')}</Button>}
      </header>
      <div className={phone ? 'card-columns one' : 'card-columns'}>
        <div>
          {error && (errors.size > 0 ? <div className="notice bad" role="alert"><b>{t('scoring.wrong')}</b>{errors.get(-1)?.map((text) => <p key={text}>{text}</p>)}</div> : <ErrorNotice error={error} />)}
          {standing && <BrokenParts parts={standing.broken} />}
          <Basics card={card} set={set} entity={entity} isNew={record === null} />
          <Rules card={card} set={set} entity={entity} errors={errors} tried={tried} />
          <Tiers card={card} set={set} />
        </div>
        <aside aria-label={t('scoring.beside')}>
          <TryPanel card={card} tried={tried} onTried={setTried} />
          {card.entity_name === 'lead' && <WhatIf card={card} id={record?.id} />}
          {record && <Versions id={record.id} version={record.version} />}
        </aside>
      </div>
    </div>
  );
}

/** The page of one card: rules and tiers on the left, what they would do on the right. */
export function CardPage() {
  const { id } = useParams();
  const entity = useModel().named('score_card');
  const { data: record, error } = useRecord('score_cards', id === 'new' ? null : id);
  if (!entity || (id !== 'new' && !/^\d+$/.test(id ?? ''))) return <NotThere />;
  if (error) return error instanceof ApiError && error.status === 404 ? <NotThere /> : <div className="pad-page"><ErrorNotice error={error} /></div>;
  if (id !== 'new' && !record) return <div className="pad-page"><SkeletonLines count={8} /></div>;
  return <Editor key={`${id}/${JSON.stringify(bodyOf(cardOf(record ?? null)))}`} record={record ?? null} entity={entity} />;
}
