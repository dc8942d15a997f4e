import { useState } from 'react';
import { Button, Drawer } from 'antd';
import { DndContext, DragOverlay, PointerSensor, useSensor, useSensors, type CollisionDetection, type DragEndEvent, type DragStartEvent } from '@dnd-kit/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api, ApiError } from '@/api/client';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { useSize } from '@/app/preferences';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { Icon } from '@/part/Icon';
import { IconButton } from '@/part/IconButton';
import { useHotkeys } from '@/part/hotkeys';
import { Canvas } from './Canvas';
import { FormMenu } from './FormMenu';
import { FormProperties } from './FormProperties';
import { FormStatus } from './FormList';
import { Palette, type Offer } from './Palette';
import { Preview, type Device } from './Preview';
import { Properties } from './Properties';
import { Share } from './Share';
import { Submissions } from './Submissions';
import { Versions } from './Versions';
import { errorsByQuestion, moved, place, say, type FormRow, type Question, type Tongue } from './forms';
import { useDraft, type Draft } from './useDraft';

const tabs = ['edit', 'submissions', 'share', 'versions'] as const;
type Tab = (typeof tabs)[number];

function usePublish(form: RecordRow, draft: Draft) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  return useMutation({
    mutationFn: async (verb: 'publish' | 'archive' | 'reopen') => {
      await draft.flush();
      return api.post<RecordRow>(`/forms/${form.id}/${verb}`, {});
    },
    onSuccess: async (row, verb) => {
      draft.seen(row);
      client.setQueryData(['form', form.id], row);
      message.info(t(`forms.done_${verb}`));
      await Promise.all([['forms'], ['form_versions', form.id], ['sources']].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
    onError: (error) => message.error(error instanceof ApiError && error.status === 422 ? t('forms.not_yet') : errorText(error)),
  });
}

interface HeadProps {
  form: RecordRow;
  draft: Draft;
  tab: Tab;
  publish: ReturnType<typeof usePublish>;
}

function Head({ form, draft, tab, publish }: HeadProps) {
  const { t } = useTranslation();
  const status = form.status as FormRow['status'];
  const shown = Number(form.version_number) > 0;
  const dirty = draft.saving || form.changed === true || !shown;
  return (
    <header className="page-head form-head">
      <Link to="/forms" className="icon-button" aria-label={t('action.back')}><Icon name="left" size={16} /></Link>
      <h1 className="ellipsis">{String(form.name)}</h1>
      <FormStatus status={status} changed={form.changed === true} />
      <span className="t3 small-text" role="status">{draft.error ? '' : t(draft.saving ? 'forms.saving' : 'forms.saved')}</span>
      <span className="grow" />
      {tab === 'edit' && (
        <span className="row">
          <IconButton icon="undo" label={t('forms.undo')} hotkey="Ctrl Z" disabled={!draft.canUndo} onClick={draft.undo} />
          <IconButton icon="redo" label={t('forms.redo')} hotkey="Ctrl Y" disabled={!draft.canRedo} onClick={draft.redo} />
        </span>
      )}
      {status === 'published' && <a className="button" href={`/f/${String(form.slug)}`} target="_blank" rel="noreferrer">{t('forms.open')}</a>}
      {status === 'published' && <Button onClick={() => publish.mutate('archive')}>{t('forms.archive')}</Button>}
      {status === 'archived'
        ? <Button type="primary" loading={publish.isPending} onClick={() => publish.mutate('reopen')}>{t('forms.reopen')}</Button>
        : <Button type="primary" loading={publish.isPending} disabled={!dirty || draft.theirs !== null} onClick={() => publish.mutate('publish')}>{t(shown ? 'forms.publish_again' : 'forms.publish')}</Button>}
      <FormMenu form={form} draft={draft} />
    </header>
  );
}

interface EditProps {
  draft: Draft;
  publishError: unknown;
}

function useEditing(draft: Draft) {
  const [chosen, setChosen] = useState<number | null>(null);
  const { questions } = draft.design;
  const index = chosen !== null && chosen < questions.length ? chosen : null;
  const put = (next: Question[], choose: number | null) => {
    draft.set({ questions: next });
    setChosen(choose);
  };
  return {
    chosen: index,
    choose: setChosen,
    add: (question: Question, at = index === null ? questions.length : index + 1) => put(place(questions, question, at), at),
    move: (from: number, to: number) => put(moved(questions, from, to), to > from ? to - 1 : to),
    remove: (at: number) => put(questions.filter((_, each) => each !== at), null),
    change: (change: Partial<Question>, key: string) => draft.set({
      questions: questions.map((question, each) => (each === index ? { ...question, ...change } : question)),
    }, `${index}:${key}`),
  };
}

/** Two people at one form: whose draft goes on. */
function Theirs({ draft, row }: { draft: Draft; row: RecordRow }) {
  const { t } = useTranslation();
  return (
    <div className="notice warn form-theirs" role="alert">
      <b>{t('forms.theirs')}</b><p>{t('forms.theirs_hint')}</p>
      <div className="row"><Button size="small" onClick={() => draft.renew(row)}>{t('forms.take_theirs')}</Button><Button size="small" onClick={draft.keepMine}>{t('forms.keep_mine')}</Button></div>
    </div>
  );
}

type Look = 'canvas' | Device;

/** How far beside the questions something may be let go and still be put among them. */
const reach = 48;

/** The place nearest to the pointer, wherever among the questions it is. */
const nearestGap: CollisionDetection = ({ pointerCoordinates, droppableContainers, droppableRects }) => {
  if (!pointerCoordinates) return [];
  const { x, y } = pointerCoordinates;
  const gaps = droppableContainers.flatMap(({ id }) => {
    const rect = droppableRects.get(id);
    return rect && x > rect.left - reach && x < rect.right + reach ? [{ id, value: Math.abs(y - (rect.top + rect.bottom) / 2), rect }] : [];
  });
  const within = y > Math.min(...gaps.map(({ rect }) => rect.top)) - reach && y < Math.max(...gaps.map(({ rect }) => rect.bottom)) + 2 * reach;
  return within ? gaps.sort((a, b) => a.value - b.value).slice(0, 1).map(({ id, value }) => ({ id, data: { value } })) : [];
};

/** Palette, canvas, properties; the canvas gives way to the true page when asked. */
function Edit({ draft, publishError }: EditProps) {
  const { t, i18n } = useTranslation();
  const size = useSize();
  const editing = useEditing(draft);
  const { design } = draft;
  const [tongue, setTongue] = useState<Tongue>(i18n.language === 'en' && design.title?.en ? 'en' : 'zh');
  const [look, setLook] = useState<Look>('canvas');
  const [thanks, setThanks] = useState(false);
  const [dragged, setDragged] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 6 } }));
  const errors = errorsByQuestion(publishError instanceof ApiError ? publishError.problem.errors : undefined);
  const drop = ({ active, over }: DragEndEvent) => {
    setDragged(null);
    const at = over?.data.current?.at as number | undefined;
    if (at === undefined) return;
    const offer = active.data.current?.offer as Offer | undefined;
    const from = active.data.current?.from as number | undefined;
    if (offer) editing.add(offer.make(design.questions), at);
    else if (from !== undefined) editing.move(from, at);
  };
  const lift = ({ active }: DragStartEvent) => setDragged((active.data.current?.offer as Offer | undefined)?.label ?? String(active.data.current?.label));
  const choose = (index: number | null) => {
    editing.choose(index);
    if (size !== 'wide') setOpen(true);
  };
  const properties = editing.chosen === null
    ? <FormProperties design={design} onChange={draft.set} />
    : <Properties key={editing.chosen} questions={design.questions} index={editing.chosen} tongue={tongue} onChange={editing.change} />;
  const chosen = editing.chosen === null ? undefined : design.questions[editing.chosen];
  const title = chosen ? say(chosen.label ?? chosen.text, tongue) || t(`forms.type_${chosen.type}`) : t('forms.whole');
  const looks: Look[] = ['canvas', 'desk', 'phone'];
  return (
    <DndContext
      sensors={sensors} collisionDetection={nearestGap} accessibility={{ screenReaderInstructions: { draggable: t('forms.drag_how') } }}
      onDragStart={lift} onDragCancel={() => setDragged(null)} onDragEnd={drop}
    >
      <div className="form-editor">
        <Palette questions={design.questions} onAdd={(question) => { editing.add(question); if (size !== 'wide') setOpen(true); }} />
        <main className="form-middle">
          <div className="row wrap form-looks">
            <div className="segments" role="group" aria-label={t('forms.look')}>
              {looks.map((each) => <button key={each} type="button" className={look === each ? 'on' : undefined} aria-pressed={look === each} onClick={() => setLook(each)}>{t(`forms.look_${each}`)}</button>)}
            </div>
            <div className="segments" role="group" aria-label={t('forms.tongue')}>
              {(['zh', 'en'] as Tongue[]).map((each) => <button key={each} type="button" className={tongue === each ? 'on' : undefined} aria-pressed={tongue === each} onClick={() => setTongue(each)}>{t(`forms.tongue_${each}`)}</button>)}
            </div>
            {look !== 'canvas' && <div className="segments"><button type="button" className={thanks ? 'on' : undefined} aria-pressed={thanks} onClick={() => setThanks(!thanks)}>{t('forms.look_thanks')}</button></div>}
          </div>
          {draft.theirs ? <Theirs draft={draft} row={draft.theirs} /> : draft.error && <ErrorNotice error={draft.error} />}
          {look === 'canvas'
            ? <Canvas design={design} tongue={tongue} chosen={editing.chosen} dragging={dragged !== null} errors={errors} onChoose={choose} onMove={editing.move} onRemove={editing.remove} />
            : <Preview design={design} tongue={tongue} device={look} thanks={thanks} />}
        </main>
        {size === 'wide'
          ? <aside className="form-properties" aria-label={title}><h2>{title}</h2>{properties}</aside>
          : <Drawer open={open} onClose={() => setOpen(false)} title={title} placement="right" size={size === 'phone' ? '100%' : 400}>{properties}</Drawer>}
      </div>
      <DragOverlay dropAnimation={null}>{dragged && <span className="form-offer floating">{dragged}</span>}</DragOverlay>
    </DndContext>
  );
}

/** The editor of a form, and the pages beside it. */
export function FormEditor({ form }: { form: RecordRow }) {
  const { t } = useTranslation();
  const draft = useDraft(form);
  const publish = usePublish(form, draft);
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find((name) => name === search.get('tab')) ?? 'edit';
  useHotkeys({
    'mod+z': () => draft.undo(),
    'mod+y': () => draft.redo(),
  });
  const reverted = (row: RecordRow) => {
    draft.renew(row);
    setSearch({});
  };
  return (
    <div className="page">
      <Head form={form} draft={draft} tab={tab} publish={publish} />
      <nav className="tabs form-tabs" aria-label={t('forms.parts')}>
        {tabs.map((name) => <Link key={name} to={name === 'edit' ? `/forms/${form.id}` : `/forms/${form.id}?tab=${name}`} className={tab === name ? 'on' : undefined} aria-current={tab === name ? 'page' : undefined}>{t(`forms.tab_${name}`)}</Link>)}
      </nav>
      {tab === 'edit' && <Edit draft={draft} publishError={publish.error} />}
      {tab === 'submissions' && <Submissions formId={form.id} />}
      {tab === 'share' && <Share slug={String(form.slug)} published={form.status === 'published'} />}
      {tab === 'versions' && <Versions formId={form.id} onReverted={reverted} />}
    </div>
  );
}
