import { Button, Switch } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { patchRecord, refreshRecords, useAllRecords } from '@/api/records';
import type { Condition, RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { offerUndo } from '@/app/undo';
import { ConditionText } from '@/condition/describe';
import { draftOf } from '@/condition/draft';
import { useFormat } from '@/format/useFormat';
import { Empty } from '@/part/Empty';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { IconButton } from '@/part/IconButton';
import { SkeletonRows } from '@/part/Skeleton';
import { BrokenParts } from './BrokenParts';
import { placed, tiers, type Tier } from './scoring';
import { useStandings, type Standing } from './standing';

const total = (standing: Standing) => standing.low + standing.middle + standing.high;

/** How many stand in which tier, as one bar. */
function TierBar({ standing }: { standing: Standing }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = (tier: Tier) => `${t(`scoring.tier_${tier}`)} ${format.count(standing[tier])}`;
  if (total(standing) === 0) return <span className="t3 small-text">{t('scoring.nobody')}</span>;
  return (
    <span className="tier-share">
      <span className="tier-bar" aria-hidden="true">
        {tiers.map((tier) => <i key={tier} className={tier} style={{ flexGrow: standing[tier] }} />)}
      </span>
      <span className="t2 small-text">{tiers.map(words).join(' · ')}</span>
    </span>
  );
}

/** The cards one after the other: the first that is meant for a record rules it. */
function useReorder() {
  const client = useQueryClient();
  const errorText = useErrorText();
  return useMutation({
    mutationFn: async (cards: RecordRow[]) => {
      for (const [position, card] of cards.entries()) {
        if (card.position !== position) await patchRecord('score_cards', card.id, card.version, { position });
      }
    },
    onError: (failure) => message.error(errorText(failure)),
    onSettled: () => refreshRecords(client, 'score_cards'),
  });
}

function CardLine({ card, standing }: { card: RecordRow; standing: Standing | undefined }) {
  const { t } = useTranslation();
  const entity = useModel().named(String(card.entity_name));
  const rules = Array.isArray(card.rules) ? card.rules.length : 0;
  const audience = card.audience as Condition | null;
  return (
    <>
      <span className="t2 dense">
        {entity?.label_plural} · {t('scoring.rules_count', { count: rules })} · {audience && entity ? <ConditionText entity={entity} node={draftOf(audience)} /> : t('scoring.everybody')}
      </span>
      {standing && <BrokenParts parts={standing.broken} />}
      {standing?.at_work && <span className="t2 small-text">{t('scoring.at_work')}</span>}
      {standing && !standing.at_work && card.enabled === true && <TierBar standing={standing} />}
    </>
  );
}

/** All score cards, in the order in which they are asked. */
export function CardList() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const mayCreate = useModel().named('score_card')?.actions.create;
  const { data, error, refetch } = useAllRecords('score_cards', { sort: 'position' });
  const standings = useStandings();
  const refresh = async () => { await refreshRecords(client, 'score_cards'); await client.invalidateQueries({ queryKey: ['score_standing'] }); };
  const failed = (failure: unknown) => message.error(errorText(failure));
  const toggle = useMutation({ mutationFn: (card: RecordRow) => patchRecord('score_cards', card.id, card.version, { enabled: !card.enabled }), onError: failed, onSettled: refresh });
  const remove = useMutation({
    mutationFn: (card: RecordRow) => api.delete(`/score_cards/${card.id}`, { version: card.version }),
    onSuccess: (_, card) => offerUndo(t('settings.removed', { name: String(card.name) }), async () => { await api.post(`/score_cards/${card.id}/restore`); await refresh(); }),
    onError: failed, onSettled: refresh,
  });
  const reorder = useReorder();
  if (error) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows />;
  const cards = data.data;
  const add = mayCreate && <Button type="primary" onClick={() => void navigate('/scoring/new')}>{t('scoring.new')}</Button>;
  if (cards.length === 0) return <Empty title={t('scoring.none')} hint={t('scoring.none_hint')}>{add}</Empty>;
  return (
    <>
      <p className="t2 scoring-hint">{t('scoring.hint')}</p>
      <div className="row">{add}</div>
      <ol className="scoring-cards">
        {cards.map((card, index) => (
          <li key={card.id} className="row">
            <Switch size="small" checked={card.enabled === true} disabled={!mayCreate} aria-label={t('automation.enabled_of', { name: String(card.name) })} onChange={() => toggle.mutate(card)} />
            <span className="grow scoring-card">
              <Link className="strong" to={`/scoring/${card.id}`}>{String(card.name)}</Link>
              <CardLine card={card} standing={standings?.find(({ card_id: id }) => id === card.id)} />
            </span>
            {mayCreate && (
              <span className="row scoring-verbs">
                <IconButton small icon="up" label={t('automation.up')} disabled={index === 0 || reorder.isPending} onClick={() => reorder.mutate(placed(cards, index, index - 1))} />
                <IconButton small icon="down" label={t('automation.down')} disabled={index === cards.length - 1 || reorder.isPending} onClick={() => reorder.mutate(placed(cards, index, index + 1))} />
                <IconButton small icon="trash" label={t('action.delete')} onClick={() => remove.mutate(card)} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
