import { useState } from 'react';
import { Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/part/Icon';

export interface PlaceValue {
  place: string;
  /** As the browser gave it, or nothing. */
  at: { latitude: number; longitude: number } | null;
}

/** A map of where it was, in a page of its own. */
export function mapOf(latitude: number, longitude: number, name: string): string {
  return `https://uri.amap.com/marker?position=${longitude},${latitude}&coordinate=wgs84&name=${encodeURIComponent(name)}`;
}

/** Where a visit was: in words, and where the phone says it is. */
export function Place({ value, onChange }: { value: PlaceValue; onChange: (value: PlaceValue) => void }) {
  const { t } = useTranslation();
  const [state, setState] = useState<'idle' | 'asking' | 'refused'>('idle');
  const locate = () => {
    setState('asking');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState('idle');
        onChange({ ...value, at: { latitude: coords.latitude, longitude: coords.longitude } });
      },
      () => setState('refused'),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    );
  };
  return (
    <div className="row wrap place" role="group" aria-label={t('visit.place')}>
      <Input
        size="small" className="place-words" prefix={<Icon name="place" size={13} />} maxLength={200} value={value.place}
        aria-label={t('visit.place')} placeholder={t('visit.place_hint')} onChange={(event) => onChange({ ...value, place: event.target.value })}
      />
      {value.at ? (
        <button type="button" className="quiet-button small on" onClick={() => onChange({ ...value, at: null })}>
          {t('visit.located', { latitude: value.at.latitude.toFixed(4), longitude: value.at.longitude.toFixed(4) })}<Icon name="close" size={12} />
        </button>
      ) : (
        <button type="button" className="quiet-button small" disabled={state === 'asking'} onClick={locate}>{t(state === 'asking' ? 'visit.locating' : 'visit.locate')}</button>
      )}
      {state === 'refused' && <span className="warn small-text" role="status">{t('visit.refused')}</span>}
    </div>
  );
}
