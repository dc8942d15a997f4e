import { useDeferredValue, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { recordPath, useModel } from '@/api/meta';
import type { SearchHit } from '@/api/types';
import { entityIcon, useClouds } from '@/app/clouds';
import { setPreferences, useDark, usePreferences } from '@/app/preferences';
import { offeredVerbs } from '@/app/verbs';
import { spoken } from '@/field/references';
import { Icon } from '@/part/Icon';
import type { IconName } from '@/part/icons';
import { spells } from '@/text/pinyin';
import { useCreate } from './create';
import { useCreatable } from './CreateMenu';
import { useFootLinks } from './footLinks';
import { languages, usePersonal } from './usePersonal';

interface Choice {
  key: string;
  group: string;
  icon: IconName;
  title: string;
  note?: string;
  hotkey?: string;
  run: () => void;
}

interface Group {
  name: string;
  /** The place of its first choice among all. */
  first: number;
  members: Choice[];
}

/** Choices that stand together under one name. */
function groupsOf(choices: Choice[]): Group[] {
  const groups: Group[] = [];
  choices.forEach((choice, index) => {
    const last = groups.at(-1);
    if (last?.name === choice.group) last.members.push(choice);
    else groups.push({ name: choice.group, first: index, members: [choice] });
  });
  return groups;
}

/** What a person can do about the program itself. */
function usePersonalVerbs(): Choice[] {
  const { t } = useTranslation();
  const { language, chooseLanguage, leave } = usePersonal();
  const { density } = usePreferences();
  const dark = useDark();
  const group = t('palette.verbs');
  const other = language === 'zh' ? 'en' : 'zh';
  const rows = density === 'compact' ? 'comfortable' : 'compact';
  return [
    {
      key: 'theme', group, icon: 'eye', note: t('frame.theme'), title: t(dark ? 'frame.theme_light' : 'frame.theme_dark'),
      run: () => setPreferences({ theme: dark ? 'light' : 'dark' }),
    },
    {
      key: 'density', group, icon: 'list', note: t('frame.density'), title: t(`frame.density_${rows}`),
      run: () => setPreferences({ density: rows }),
    },
    { key: 'language', group, icon: 'edit', note: t('frame.language'), title: languages[other], run: () => void chooseLanguage(other) },
    { key: 'leave', group, icon: 'right', title: t('frame.log_out'), run: () => void leave() },
  ];
}

function useFixedChoices(): Choice[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreate();
  const clouds = useClouds();
  const foot = useFootLinks();
  const creatable = useCreatable();
  const personal = usePersonalVerbs();
  const [here] = useState(offeredVerbs);
  const pages = [
    { to: '/', label: t('frame.home'), icon: 'home' as const },
    ...clouds.flatMap((cloud) => cloud.links),
    { to: '/inbox', label: t('frame.inbox'), icon: 'bell' as const },
    ...foot,
  ];
  return [
    ...here.map((verb) => ({ ...verb, group: t('palette.here') })),
    ...pages.map(({ to, label, icon }) => ({
      key: to, group: t('palette.pages'), icon, title: label, run: () => void navigate(to),
    })),
    ...creatable.filter(({ label }) => !here.some(({ title }) => title === t('frame.create_one', { entity: label }))).map((entity) => ({
      key: `create-${entity.name}`, group: t('palette.verbs'), icon: 'plus' as const,
      title: t('frame.create_one', { entity: entity.label }), run: () => create({ entity }),
    })),
    ...personal,
  ];
}

/** Records the server finds for what was typed. */
function useFound(query: string): { choices: Choice[]; reading: boolean } {
  const { t } = useTranslation();
  const model = useModel();
  const navigate = useNavigate();
  const { data, isFetching, isPlaceholderData } = useQuery({
    queryKey: ['search', query],
    queryFn: ({ signal }) => api.get<{ data: SearchHit[] }>('/search', { q: query, limit: 20 }, { signal }),
    enabled: query.length > 0,
    placeholderData: (previous) => (query ? previous : undefined),
    /* What was just written may not have reached the index yet. */
    refetchInterval: ({ state }) => (state.data?.data.length === 0 ? 2000 : false),
  });
  const choices = (query ? (data?.data ?? []) : []).flatMap((hit) => {
    const entity = model.named(hit.entity);
    if (!entity) return [];
    return [{
      key: `${hit.entity}-${hit.id}`, group: t('palette.records'), icon: entityIcon(entity), title: spoken(hit.title),
      note: [entity.label, hit.subtitle].filter(Boolean).join(' · '), run: () => void navigate(recordPath(entity, hit.id)),
    }];
  });
  return { choices, reading: isFetching && (isPlaceholderData || !data) };
}

function PaletteBody({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const listId = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const query = useDeferredValue(text.trim());
  const fixed = useFixedChoices();
  const { choices: found, reading } = useFound(query);
  const choices = useMemo(() => {
    const word = query.toLowerCase();
    const named = (words: string | undefined) => !!words && (words.toLowerCase().includes(word) || spells(word, words));
    return [...found, ...(word ? fixed.filter(({ title, note }) => named(title) || named(note)) : fixed)];
  }, [found, fixed, query]);
  const chosen = Math.min(at, choices.length - 1);

  const run = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    choice.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = (chosen + step + choices.length) % Math.max(choices.length, 1);
      setAt(next);
      document.getElementById(`${listId}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(choices[chosen]);
    }
  };

  return (
    <div className="palette">
      <div className="row palette-input">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={choices.length ? `${listId}-${chosen}` : undefined}
          aria-label={t('frame.find')}
          placeholder={t('frame.find_hint')}
          value={text}
          onChange={(event) => { setText(event.target.value); setAt(0); }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={listId} className="palette-list" role="listbox" aria-label={t('palette.title')}>
        {groupsOf(choices).map(({ name, first, members }) => (
          <div key={name} role="group" aria-labelledby={`${listId}-group-${first}`}>
            <p id={`${listId}-group-${first}`} aria-hidden="true">{name}</p>
            {members.map((choice, place) => {
              const index = first + place;
              return (
                <div
                  key={choice.key}
                  id={`${listId}-${index}`}
                  role="option"
                  aria-selected={index === chosen}
                  className={index === chosen ? 'on' : undefined}
                  onMouseMove={() => setAt(index)}
                  onClick={() => run(choice)}
                >
                  <Icon name={choice.icon} />
                  <span className="ellipsis">{choice.title}</span>
                  {choice.note && <span className="t3 small-text ellipsis">{choice.note}</span>}
                  {choice.hotkey && <kbd>{choice.hotkey}</kbd>}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {choices.length === 0 && !reading && <p className="t2 pad">{t('palette.nothing', { query })}</p>}
      <div className="row palette-foot t3 small-text">
        <kbd>↑</kbd><kbd>↓</kbd>{t('palette.move')}
        <kbd>↵</kbd>{t('palette.open')}
        <kbd>Esc</kbd>{t('palette.close')}
      </div>
    </div>
  );
}

/** Ctrl-K: find a record, go to a page, run a verb. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="palette-dialog"
      aria-label={t('palette.title')}
      onClose={onClose}
      onClick={(event) => { if (event.target === dialog.current) onClose(); }}
    >
      <PaletteBody onClose={onClose} />
    </dialog>
  );
}
