import { useState } from 'react';
import { Button, Modal, Select, Switch } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import { message } from '@/app/say';
import { useFormat } from '@/format/useFormat';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { NotThere } from '@/part/Refusal';
import { SkeletonLines } from '@/part/Skeleton';
import { CaptureList, captureStates, useCaptures, useReplayAll, type CaptureState } from './CaptureList';
import { Instructions } from './Instructions';
import { SourceDrawer } from './SourceDrawer';
import type { Made, Source } from './sources';

function useVerbs(source: Source) {
  const client = useQueryClient();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const [made, setMade] = useState<Made | null>(null);
  const renew = () => Promise.all([['sources'], ['source', source.id]].map((queryKey) => client.invalidateQueries({ queryKey })));
  const onError = (error: unknown) => message.error(errorText(error));
  const toggle = useMutation({ mutationFn: (enabled: boolean) => api.put(`/sources/${source.id}`, { name: source.name, config: source.config, enabled }), onSuccess: renew, onError });
  const rotate = useMutation({ mutationFn: () => api.post<Made>(`/sources/${source.id}/rotate`, {}), onSuccess: setMade, onError });
  const remove = useMutation({
    mutationFn: () => api.delete(`/sources/${source.id}`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['sources'] });
      void navigate('/sources');
    },
    onError,
  });
  return { toggle, rotate, remove, made, forget: () => setMade(null) };
}

function Opened({ source }: { source: Source }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useSearchParams();
  const [editing, setEditing] = useState(false);
  const verbs = useVerbs(source);
  const state = captureStates.find((name) => name === search.get('state')) ?? '';
  const place = { kind: source.kind, place: source.id };
  const captures = useCaptures({ ...place, state });
  const again = useReplayAll(place);
  const confirmRemoval = () => Modal.confirm({
    title: t('sources.remove_ask', { name: source.name }), content: t('sources.remove_hint'), okText: t('action.delete'), cancelText: t('action.cancel'), onOk: () => verbs.remove.mutateAsync(),
  });
  return (
    <div className="page">
      <header className="page-head">
        <Link to="/sources" className="icon-button" aria-label={t('action.back')}><Icon name="left" size={16} /></Link>
        <h1 className="ellipsis">{source.name}</h1><span className="t3 dense">{t(`sources.kind_${source.kind}`)}</span>
        <span className="grow" />
        <label className="row dense"><Switch size="small" checked={source.enabled} loading={verbs.toggle.isPending} onChange={(enabled) => verbs.toggle.mutate(enabled)} aria-label={t('sources.takes_in')} />{t('sources.takes_in')}</label>
        <Button onClick={() => setEditing(true)}>{t('action.edit')}</Button>
        <Button loading={verbs.rotate.isPending} onClick={() => verbs.rotate.mutate()}>{t('sources.rotate')}</Button>
        <button type="button" className="quiet-button bad" onClick={confirmRemoval}>{t('action.delete')}</button>
      </header>
      <div className="scroll-y sources-body source-page">
        <section className="section">
          {!source.enabled && <div className="notice warn"><p>{t('sources.paused_hint')}</p></div>}
          {source.refused > 0 && source.refused_at && <div className="notice warn"><p>{t('sources.refused', { count: source.refused, why: source.refused_why, when: format.near(source.refused_at) })}</p></div>}
          {verbs.made && <p className="t2">{t('sources.rotated_hint')}</p>}
          <Instructions kind={source.kind} path={source.path} secret={verbs.made?.secret} config={source.config} />
        </section>
        <section className="section">
          <div className="section-head">
            <h2>{t('sources.received')}</h2>
            <Select
              aria-label={t('sources.state')} size="small" value={state} popupMatchSelectWidth={false} onChange={(next: CaptureState | '') => setSearch(next ? { state: next } : {})}
              options={[{ value: '', label: t('sources.all_states') }, ...captureStates.map((value) => ({ value, label: t(`sources.state_${value}`) }))]}
            />
            {state === 'failed' && (captures.data?.pages[0]?.data.length ?? 0) > 0 && <Button size="small" loading={again.isPending} onClick={() => again.mutate()}>{t('sources.replay_all')}</Button>}
          </div>
          <CaptureList query={captures} />
        </section>
      </div>
      {editing && <SourceDrawer kind={source.kind} source={source} onClose={() => setEditing(false)} />}
    </div>
  );
}

/** One source: how it is set up, what came in by it. */
export function SourcePage() {
  const { id } = useParams();
  const { data, error, refetch } = useQuery({ queryKey: ['source', id], queryFn: () => api.get<Source>(`/sources/${id}`) });
  if (error instanceof ApiError && error.status === 404) return <NotThere />;
  if (error) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  return data ? <Opened source={data} /> : <div className="pad-page"><SkeletonLines count={8} /></div>;
}
