import { Dropdown } from 'antd';
import { useNavigate } from 'react-router';
import type { CloudSection } from '@/app/clouds';
import { Icon } from '@/part/Icon';

/** A cloud as an icon: its pages in a menu beside it. */
export function SlimSection({ section, within }: { section: CloudSection; within: boolean }) {
  const navigate = useNavigate();
  const items = [{
    key: section.cloud, type: 'group' as const, label: section.label,
    children: section.links.map((link) => ({
      key: link.to, label: link.label, icon: <Icon name={link.icon} />, onClick: () => void navigate(link.to),
    })),
  }];
  return (
    <Dropdown trigger={['hover', 'click']} placement="topRight" align={{ points: ['tl', 'tr'], offset: [4, 0] }} menu={{ items }}>
      <button type="button" className={within ? 'rail-button on' : 'rail-button'} aria-label={section.label} aria-haspopup="menu">
        <Icon name={section.icon} />
      </button>
    </Dropdown>
  );
}
