import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { Outlet } from 'react-router';
import { useTranslation } from 'react-i18next';
import { useKeepSession } from '@/api/session';
import { useBulkRuns } from '@/app/bulkRuns';
import { useHeld } from '@/app/held';
import { useSize } from '@/app/preferences';
import { useConnected } from '@/live/connected';
import { useLive } from '@/live/useLive';
import { useHotkeys } from '@/part/hotkeys';
import { SkeletonRows } from '@/part/Skeleton';
import { laterTexts } from '@/text/i18n';
import { BottomBar } from './BottomBar';
import { CreateContext, type CreateRequest } from './create';
import type PaletteOf from './Palette';
import { Rail } from './Rail';
import { Sayings } from './Sayings';
import { TopBar } from './TopBar';
import { UndoBar } from './UndoBar';
import { useWindowTitle } from './useWindowTitle';

const CreateDialog = lazy(() => import('./CreateDialog'));
const BulkStatus = lazy(async () => ({ default: (await Promise.all([import('./BulkStatus'), laterTexts()]))[0].BulkStatus }));
const HeldDialog = lazy(async () => (await Promise.all([import('./HeldDialog'), laterTexts()]))[0]);

/**
 * The palette, read soon after the page stands. Whoever types on at once after the key means the search, not the keys of
 * the page: it opens within that key press, where what is lazy would first show its absence for a third of a second.
 */
function usePalette(wanted: boolean) {
  const [component, setComponent] = useState<typeof PaletteOf | null>(null);
  useEffect(() => {
    const soon = setTimeout(() => void import('./Palette').then(({ default: read }) => setComponent(() => read)), wanted ? 0 : 500);
    return () => clearTimeout(soon);
  }, [wanted]);
  return component;
}

/** What stays while pages change: rail, top bar, palette, the form for new records, undo. */
export default function Frame() {
  const { t } = useTranslation();
  const phone = useSize() === 'phone';
  const [finding, setFinding] = useState(false);
  const Palette = usePalette(finding);
  const [creating, setCreating] = useState<CreateRequest | null>(null);
  const held = useHeld();
  const going = useBulkRuns().length > 0;
  const connected = useConnected();
  const create = useCallback((request: CreateRequest) => setCreating(request), []);
  useLive();
  useKeepSession();
  useWindowTitle();
  useHotkeys({ 'mod+k': () => setFinding(true), '/': () => setFinding(true) });
  return (
    <CreateContext value={create}>
      <a className="skip" href="#content">{t('frame.skip')}</a>
      <div className={phone ? 'frame phone' : 'frame'}>
        {!phone && <Rail />}
        <div className="main">
          <TopBar onFind={() => setFinding(true)} />
          {!connected && <p className="offline" role="status"><span className="status warn" />{t('frame.offline')}</p>}
          <main id="content" className="content" tabIndex={-1}>
            <Suspense fallback={<SkeletonRows />}>
              <Outlet />
            </Suspense>
          </main>
          {going && <Suspense><BulkStatus /></Suspense>}
          <UndoBar />
        </div>
        {phone && <BottomBar />}
      </div>
      <Sayings />
      {held && <Suspense><HeldDialog key={held.recordId ?? held.bulk?.id ?? 'new'} held={held} /></Suspense>}
      {finding && Palette && <Palette onClose={() => setFinding(false)} />}
      {creating && (
        <Suspense>
          <CreateDialog request={creating} onClose={() => setCreating(null)} />
        </Suspense>
      )}
    </CreateContext>
  );
}
