import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { RecordRow } from '@/api/types';
import { useVerbs } from '@/app/verbs';
import { useStages } from '@/sales/stages';
import { useStageMove } from '@/sales/useStageMove';

/** How an open deal ends: it goes to the stage of won or of lost ones, as by its path. */
export function DealVerbs({ deal, large }: { deal: RecordRow; large?: boolean }) {
  const { t } = useTranslation();
  const { data: stages = [] } = useStages(typeof deal.pipeline_id === 'string' ? deal.pipeline_id : null);
  const { move, dialog } = useStageMove();
  const open = deal.state === 'open' && deal._rights?.update !== false && !deal.deleted_at;
  const verb = (kind: 'won' | 'lost') => {
    const stage = open && stages.find((candidate) => candidate.kind === kind);
    return stage ? { key: kind, title: t(`deal.${kind}`), icon: kind === 'won' ? 'check' as const : 'close' as const, run: () => move(deal, stage) } : null;
  };
  const won = verb('won');
  const lost = verb('lost');
  useVerbs([won, lost].flatMap((one) => one ?? []));
  const size = large ? 'large' : 'middle';
  return (
    <>
      {lost && <Button size={size} onClick={lost.run}>{lost.title}</Button>}
      {won && <Button type="primary" size={size} onClick={won.run}>{won.title}</Button>}
      {dialog}
    </>
  );
}
