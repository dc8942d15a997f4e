import { Button } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useModel } from '@/api/meta';
import { refreshRecords } from '@/api/records';
import type { RecordRow } from '@/api/types';
import { message } from '@/app/say';
import { ErrorNotice, useErrorText } from '@/part/ErrorNotice';
import { SideSheet } from '@/part/SideSheet';
import { SkeletonRows } from '@/part/Skeleton';
import { dimensions, toneOf, usePresets, type Preset } from '@/tag/tags';

function Line({ preset, busy, onUse }: { preset: Preset; busy: boolean; onUse: () => void }) {
  const { t } = useTranslation();
  const of = useModel().named(preset.entity_name)?.label ?? preset.entity_name;
  return (
    <li className="preset-line">
      <span className="grow">
        <span className={`pill ${toneOf(preset.colour)}`}>{preset.name}</span> <span className="t3 small-text">{of}</span>
        <br /><span className="t2 dense">{preset.words}</span>
      </span>
      {preset.tag_id
        ? <span className="t3 small-text nowrap">{t('tag.preset_used')}</span>
        : <Button size="small" disabled={busy} aria-label={t('tag.preset_use_one', { name: preset.name })} onClick={onUse}>{t('tag.preset_use')}</Button>}
    </li>
  );
}

/** Tags that come ready, each with its rule. */
export function PresetDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { data, error, refetch } = usePresets(true);
  const use = useMutation({
    mutationFn: (code: string) => api.post<RecordRow>('/tags/presets', { code }),
    onError: (failure) => message.error(errorText(failure)),
    onSettled: () => Promise.all([refreshRecords(client, 'tags'), client.invalidateQueries({ queryKey: ['tags'] })]),
  });
  return (
    <SideSheet onClose={onClose} width={560} title={t('tag.presets')}>
      <p className="t2">{t('tag.presets_hint')}</p>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows count={8} />}
      {data && dimensions.map((dimension) => (
        <section key={dimension}>
          <h3>{t(`tag.dimension_${dimension}`)}</h3>
          <ul className="tag-lines">
            {data.filter((preset) => preset.dimension === dimension).map((preset) => (
              <Line key={preset.code} preset={preset} busy={use.isPending} onUse={() => use.mutate(preset.code)} />
            ))}
          </ul>
        </section>
      ))}
    </SideSheet>
  );
}
