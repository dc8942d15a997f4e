import { useCallback, useMemo, useRef, useState } from 'react';
import { Form } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { fieldOf, useModel } from '@/api/meta';
import { refreshRecords } from '@/api/records';
import type { RecordRow } from '@/api/types';
import { offerApproval } from '@/app/held';
import { offerUndo } from '@/app/undo';
import { message } from '@/app/say';
import { RecordForm } from '@/field/RecordForm';
import { Dialog } from '@/part/Dialog';
import { useErrorText } from '@/part/ErrorNotice';
import { missingFields, moveDeal, MovedMeanwhile, type Stage } from './stages';

interface Asking {
  deal: RecordRow;
  stage: Stage;
  names: string[];
  error?: unknown;
}

/** The server names them as /fields/amount. */
function namedByServer(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.status !== 422) return [];
  return (error.problem.errors ?? []).map(({ pointer }) => pointer.split('/').at(-1) ?? '').filter((name) => name !== '' && name !== 'stage_id');
}

/**
 * One's own moves, one after the other. The second press of two is made before the screen has heard of the first:
 * it goes on from where that one brought the deal. Null: the deal stands there already.
 */
function useOwnMoves() {
  const brought = useRef(new Map<string, RecordRow>());
  return useCallback(async (deal: RecordRow, stageId: string, fields: Record<string, unknown>) => {
    const own = brought.current.get(deal.id);
    const from = own && own.version > deal.version ? own : deal;
    if (from.stage_id === stageId) return null;
    const moved = await moveDeal(from, stageId, fields);
    brought.current.set(deal.id, moved);
    return { from, moved };
  }, []);
}

/**
 * Moving a deal to a stage, the same on the record, the board and the list: asks for the fields the stage
 * wants, offers to take the move back. `onMove` hears of a move at once, to show it before the server has
 * answered; a refused one is undone by reading again.
 */
export function useStageMove(onMove?: (dealId: string, stageId: string) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const model = useModel();
  const errorText = useErrorText();
  const entity = model.named('opportunity');
  const [asking, setAsking] = useState<Asking | null>(null);
  const [form] = Form.useForm();
  const moveOwn = useOwnMoves();
  const toldMoved = (error: MovedMeanwhile, deal: RecordRow) =>
    t('deal.moved_meanwhile', { deal: String(deal.name), stage: error.deal._refs?.stage_id?.title ?? '' });
  const takeBack = async ({ from, moved }: { from: RecordRow; moved: RecordRow }) => {
    try {
      await moveOwn(moved, String(from.stage_id), {});
    } catch (error) {
      if (!(error instanceof MovedMeanwhile)) throw error;
      throw new ApiError({ type: 'about:blank', title: toldMoved(error, moved), status: 412 });
    } finally {
      await refreshRecords(client, 'opportunities');
    }
  };
  const { mutate, isPending } = useMutation({
    scope: { id: 'move a deal' },
    mutationFn: ({ deal, stage, fields }: { deal: RecordRow; stage: Stage; fields: Record<string, unknown> }) =>
      moveOwn(deal, stage.id, fields),
    onMutate: ({ deal, stage }) => onMove?.(deal.id, stage.id),
    onSuccess: (done, { deal, stage }) => {
      setAsking(null);
      void refreshRecords(client, 'opportunities');
      if (done) offerUndo(t('deal.moved', { deal: String(deal.name), stage: stage.name }), () => takeBack(done));
    },
    onError: (error, { deal, stage, fields }) => {
      const names = namedByServer(error);
      if (error instanceof MovedMeanwhile) {
        setAsking(null);
        message.warning(toldMoved(error, deal));
        void refreshRecords(client, 'opportunities');
        return;
      }
      if (offerApproval(error, { plural: 'opportunities', recordId: deal.id, title: String(deal.name), changes: { ...fields, stage_id: stage.id } })) setAsking(null);
      else if (names.length > 0) setAsking({ deal, stage, names: [...new Set([...(asking?.names ?? []), ...names])], error: asking ? error : undefined });
      else message.error(errorText(error));
      void refreshRecords(client, 'opportunities');
    },
  });
  const move = useCallback((deal: RecordRow, stage: Stage) => {
    const names = missingFields(deal, stage);
    if (names.length > 0) setAsking({ deal, stage, names });
    else mutate({ deal, stage, fields: {} });
  }, [mutate]);
  const fields = useMemo(
    () => (entity && asking ? asking.names.flatMap((name) => fieldOf(entity, name) ?? []).map((field) => ({ ...field, required: true })) : []),
    [entity, asking],
  );
  const dialog = asking && entity ? (
    <Dialog
      width={400} title={t('deal.before_move', { stage: asking.stage.name })} okText={t('deal.move')} cancelText={t('action.cancel')}
      confirmLoading={isPending} onOk={() => form.submit()} onCancel={() => setAsking(null)}
    >
      <RecordForm
        entity={entity} form={form} fields={fields} values={asking.deal} error={asking.error}
        onSubmit={(filled) => mutate({ deal: asking.deal, stage: asking.stage, fields: filled })}
      />
    </Dialog>
  ) : null;
  return { move, dialog };
}
