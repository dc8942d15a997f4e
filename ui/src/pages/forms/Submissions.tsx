import { Button, Select } from 'antd';
import { useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { CaptureList, captureStates, useCaptures, useReplayAll, type CaptureState } from '@/pages/sources/CaptureList';

/** What was sent in by a form, newest first. */
export function Submissions({ formId }: { formId: string }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const state = captureStates.find((name) => name === search.get('state')) ?? '';
  const place = { kind: 'form', place: formId } as const;
  const captures = useCaptures({ ...place, state });
  const again = useReplayAll(place);
  return (
    <div className="scroll-y forms-body">
      <div className="row wrap form-submissions-bar">
        <Select
          aria-label={t('sources.state')} size="small" value={state} popupMatchSelectWidth={false}
          onChange={(next: CaptureState | '') => setSearch({ tab: 'submissions', ...(next ? { state: next } : {}) })}
          options={[{ value: '', label: t('sources.all_states') }, ...captureStates.map((value) => ({ value, label: t(`sources.state_${value}`) }))]}
        />
        {state === 'failed' && (captures.data?.pages[0]?.data.length ?? 0) > 0 && <Button size="small" loading={again.isPending} onClick={() => again.mutate()}>{t('sources.replay_all')}</Button>}
      </div>
      <CaptureList query={captures} />
    </div>
  );
}
