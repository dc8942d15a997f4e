import { useState } from 'react';
import { Button, Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Entity, RecordRow } from '@/api/types';
import { Icon } from '@/part/Icon';
import { Composer } from '@/record/Composer';
import { DealVerbs } from './DealVerbs';

/** On a phone the composer sits at the foot and opens over the page; beside it the call, or how a deal ends. */
export function PhoneComposer({ entity, record }: { entity: Entity; record: RecordRow }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const phone = typeof record.phone === 'string' && !record._masked?.includes('phone') ? record.phone : null;
  return (
    <div className="phone-composer">
      <button type="button" className="phone-field" onClick={() => setOpen(true)}>{t('composer.phone_hint')}</button>
      {phone && <Button type="primary" size="large" href={`tel:${phone}`} icon={<Icon name="phone" />}>{t('record.call')}</Button>}
      {entity.name === 'opportunity' && <DealVerbs deal={record} large />}
      <Drawer open={open} onClose={() => setOpen(false)} placement="bottom" size="large" title={t('composer.title')} destroyOnHidden>
        <Composer entity={entity} record={record} autoFocus onDone={() => setOpen(false)} />
      </Drawer>
    </div>
  );
}
