import { useCallback, useMemo, useState } from 'react';
import { Button } from 'antd';
import { ReactFlowProvider } from '@xyflow/react';
import { Link, useParams, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useModel } from '@/api/meta';
import { useRecord } from '@/api/records';
import type { Entity, RecordRow } from '@/api/types';
import { useSize } from '@/app/preferences';
import { message } from '@/app/say';
import { FieldValue } from '@/field/FieldValue';
import { ErrorNotice } from '@/part/ErrorNotice';
import { useHotkeys } from '@/part/hotkeys';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { NotThere } from '@/part/Refusal';
import { SkeletonLines } from '@/part/Skeleton';
import { useEventText } from '@/pages/settings/eventTypes';
import { AboutPanel } from './AboutPanel';
import { Canvas } from './Canvas';
import { kindOf, nameOf, type Words } from './describe';
import { arranged, graphFrom, withChange, withEdge, withNode, withoutEdge, withoutNode, portsOf, type Graph } from './graph';
import { useActionKinds, useFigures, useMarks, useVersions, within, type Mark, type Replay } from './journey';
import { NodePanel } from './NodePanel';
import { Palette } from './Palette';
import { BringIn, PeopleHere } from './People';
import { PublishPanel, ReplayPanel, TrialPanel } from './SidePanel';
import { useDraft, useVerbs } from './useDraft';
import { useHistory } from './useHistory';
import './journey.css';

const noMarks: Mark[] = [];

function Editor({ record, entity }: { record: RecordRow; entity: Entity }) {
  const { t } = useTranslation();
  const model = useModel();
  const phone = useSize() === 'phone';
  const [search, setSearch] = useSearchParams();
  const start = useMemo(() => graphFrom(record.draft), []);
  const history = useHistory<Graph>(start);
  const { value: graph, change } = history;
  const [replay, setReplay] = useState<Replay | undefined>(undefined);
  const { state, put, took } = useDraft(record, graph);
  const verbs = useVerbs(record, took);
  const { turn, publish } = verbs;
  const status = String(record.status);
  const { data: figures } = useFigures(record.id, status === 'running');
  const { data: marks = noMarks } = useMarks(entity.name, graph);
  const { data: versions = [] } = useVersions(record.id);
  const { data: kinds = [] } = useActionKinds();
  const eventLabel = useEventText();
  const words = useMemo<Words>(() => ({ t, entity, kinds, eventLabel }), [t, entity, kinds, eventLabel]);
  const chosen = search.get('node');
  const panel = search.get('panel');
  const show = useCallback((next: { node?: string | null; panel?: string | null }) => {
    setSearch((before) => {
      const after = new URLSearchParams(before);
      for (const [key, value] of Object.entries({ panel: null, node: null, ...next })) {
        if (value) after.set(key, value);
        else after.delete(key);
      }
      return after;
    }, { replace: true });
  }, [setSearch]);
  const choose = useCallback((id: string | null) => show({ node: id }), [show]);
  const node = graph.nodes.find(({ id }) => id === chosen);
  const add = (kind: string, action?: string) => {
    const at = node ? { x: node.x, y: node.y + 140 } : { x: 0, y: Math.max(-140, ...graph.nodes.map(({ y }) => y)) + 140 };
    const added = withNode(graph, kind, at, action);
    const fresh = added.nodes.at(-1)!;
    const port = node && fresh.type !== 'entry' ? portsOf(node).find((one) => !graph.edges.some(({ from, port: taken }) => from === node.id && taken === one)) : undefined;
    change(node && port ? withEdge(added, { from: node.id, port, to: fresh.id }) : added);
    choose(fresh.id);
  };
  const remove = (id: string) => { change(withoutNode(graph, id)); choose(null); };
  useHotkeys({
    'mod+z': () => history.undo(), 'mod+y': () => history.redo(), 'mod+shift+z': () => history.redo(), escape: () => show({}),
  });
  const journeyEntity = model.named('journey');
  const statusField = journeyEntity?.fields.find(({ name }) => name === 'status');
  const version = Number(record.published_version ?? 0);
  const editable = !phone && status !== 'stopped';
  const graphOf = useCallback((wanted: number) => versions.find((one) => one.version === wanted)?.graph, [versions]);
  const lead = (port: string, to: string | undefined) => {
    if (node) change(to ? withEdge(graph, { from: node.id, port, to }) : withoutEdge(graph, { from: node.id, port }));
  };
  const whole = marks.filter((mark) => mark.node === '');
  const openPanel = (name: string) => (panel === name ? show({}) : show({ panel: name }));
  return (
    <div className="page">
      <header className="page-head journey-head">
        <Link to="/journeys" className="icon-button" aria-label={t('journeys.back')}><Icon name="left" /></Link>
        <h1 className="ellipsis">{String(record.name)}</h1>
        {statusField && <FieldValue dense field={statusField} record={record} />}
        {version > 0 && <span className="t2 dense nowrap">v{version}</span>}
        {!phone && <span className="tag">{t(`journeys.draft_${state}`)}</span>}
        <span className="grow" />
        {!phone && (
          <>
            {marks.length > 0 && <span className="bad dense row nowrap"><Icon name="alert" size={14} />{t('journeys.wrong', { count: marks.length })}</span>}
            <IconButton icon="undo" label={t('action.undo')} hotkey="Ctrl Z" disabled={!history.canUndo} onClick={history.undo} />
            <IconButton icon="redo" label={t('journeys.redo')} hotkey="Ctrl Y" disabled={!history.canRedo} onClick={history.redo} />
            <IconButton icon="fit" label={t('journeys.arrange')} onClick={() => change(arranged(graph))} />
            {version > 0 && <Button onClick={() => openPanel('people')}>{figures ? t('journeys.people', { count: within(figures) }) : t('journeys.panel_people')}</Button>}
            <Button icon={<Icon name="user" size={14} />} onClick={() => openPanel('try')}>{t('journeys.try')}</Button>
            <Button icon={<Icon name="play" size={14} />} onClick={() => openPanel('replay')}>{t('journeys.replay')}</Button>
            <Button onClick={() => openPanel('about')}>{t('journeys.about')}</Button>
          </>
        )}
        {status === 'running' && <Button loading={turn.isPending} onClick={() => turn.mutate('pause')}>{t('journeys.pause')}</Button>}
        {status === 'paused' && <Button loading={turn.isPending} onClick={() => turn.mutate('resume')}>{t('journeys.resume')}</Button>}
        {!phone && <Button type="primary" disabled={!editable} onClick={() => openPanel('publish')}>{t('journeys.publish', { version: version + 1 })}</Button>}
      </header>
      {turn.error && <div className="pad-page"><ErrorNotice error={turn.error} /></div>}
      {figures?.held && <p className="notice warn dense" role="status">{t('journeys.held', { why: figures.held })}</p>}
      {whole.map((mark) => <p key={mark.message} className="journey-whole bad dense">{mark.message}</p>)}
      <div className="journey-body">
        {editable && <Palette kinds={kinds} entity={entity.name} onAdd={add} />}
        <Canvas graph={graph} words={words} figures={figures} marks={marks} replay={panel === 'replay' ? replay : undefined} chosen={chosen} editable={editable} onChange={change} onChoose={choose} />
        {(node || panel) && (
          <aside className="journey-side" aria-label={t('journeys.details')}>
            <div className="section-head">
              <h2 className="ellipsis">{panel ? t(`journeys.panel_${panel}` as 'journeys.panel_try') : node && nameOf(node, words)}</h2>
              {!panel && node && <span className="tag">{t(`journeys.type_${node.type}`)}</span>}
              <span className="grow" />
              <IconButton small icon="close" label={t('action.close')} onClick={() => show({})} />
            </div>
            {panel === 'people' && <PeopleHere journey={record.id} words={words} graphOf={graphOf} />}
            {panel === 'about' && <AboutPanel record={record} verbs={verbs} onSave={put} />}
            {panel === 'try' && <TrialPanel journey={record.id} draft={graph} words={words} entity={entity} />}
            {panel === 'replay' && <ReplayPanel journey={record.id} draft={graph} words={words} result={replay} onResult={setReplay} />}
            {panel === 'publish' && (
              <PublishPanel
                version={version} versions={versions} wrong={marks.length} paused={status === 'paused'} pending={publish.isPending || state === 'saving'} error={publish.error}
                onPublish={(move) => publish.mutate(move, { onSuccess: () => { show({}); message.info(t('journeys.published')); } })}
              />
            )}
            {!panel && node && editable && (
              <NodePanel
                key={`${node.id} ${kindOf(node)}`} node={node} graph={graph} entity={entity} words={words} marks={marks.filter((mark) => mark.node === node.id).map((mark) => mark.message)}
                onChange={(next, key) => change(withChange(graph, node.id, next), key)} onLead={lead} onRemove={() => remove(node.id)}
              />
            )}
            {!panel && node && status === 'running' && kindOf(node) === 'entry_manual' && <BringIn journey={record.id} entity={entity} plural={entity.plural} />}
            {!panel && node && version > 0 && <PeopleHere key={node.id} journey={record.id} node={node} words={words} graphOf={graphOf} />}
          </aside>
        )}
      </div>
    </div>
  );
}

/** A journey: its drawing, the people in it, trials. On a phone to be looked at. */
export default function JourneyPage() {
  const { id } = useParams();
  const model = useModel();
  const { data, error, refetch } = useRecord('journeys', id);
  const entity = data && model.named(String(data.entity_name));
  if (!model.named('journey')) return <NotThere />;
  if (error) return <div className="pad-page"><ErrorNotice error={error} onRetry={() => void refetch()} /></div>;
  if (!data || !entity) return <div className="pad-page"><SkeletonLines /></div>;
  return <ReactFlowProvider key={data.id}><Editor record={data} entity={entity} /></ReactFlowProvider>;
}
