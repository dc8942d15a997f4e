import { useState } from 'react';
import { Select } from 'antd';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { patchRecord, refreshRecords } from '@/api/records';
import { offerUndo } from '@/app/undo';
import { Dialog } from '@/part/Dialog';
import { useErrorText } from '@/part/ErrorNotice';
import { linesOf, withBelow, type Branch } from './departments';

const top = '';
const none: ReadonlySet<string> = new Set();

/** What a department is part of from now on, chosen from the whole tree; its own part of it is no choice. */
export function MoveDepartment({ branch, tree, onClose }: { branch: Branch; tree: Branch[]; onClose: (parent: string | null) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const errorText = useErrorText();
  const { department } = branch;
  const was = typeof department.parent_id === 'string' ? department.parent_id : null;
  const [parent, setParent] = useState(was ?? top);
  const own = withBelow(branch);
  const lines = linesOf(tree, none).map(({ department: one, level }) => ({ value: one.id, label: String(one.name), level, disabled: own.has(one.id) }));
  const options = [{ value: top, label: t('departments.top'), level: 1, disabled: false }, ...lines];
  const put = (version: number, under: string | null) => patchRecord('departments', department.id, version, { parent_id: under });
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => put(department.version, parent || null),
    onSuccess: async ({ version }) => {
      await refreshRecords(client, 'departments');
      const name = String(department.name);
      const under = lines.find(({ value }) => value === parent)?.label;
      offerUndo(under ? t('departments.moved', { name, parent: under }) : t('departments.moved_top', { name }), async () => {
        await put(version, was);
        await refreshRecords(client, 'departments');
      });
      onClose(parent || null);
    },
  });
  return (
    <Dialog
      width={440} title={t('departments.move', { name: department.name })} okText={t('departments.do_move')} cancelText={t('action.cancel')}
      okButtonProps={{ disabled: parent === (was ?? top), loading: isPending }} onOk={() => mutate()} onCancel={() => onClose(null)}
    >
      <div className="rule-form">
        <p className="t2 dense">{t('departments.moves', { name: department.name, count: branch.all })}</p>
        <label className="small-text t2" htmlFor="department-parent">{t('departments.under')}</label>
        <Select
          id="department-parent" autoFocus className="full-width" showSearch={{ optionFilterProp: 'label' }} status={error ? 'error' : undefined}
          value={parent} options={options} onChange={setParent}
          optionRender={({ data }) => (
            <span className="department-choice" style={{ '--level': data.level } as React.CSSProperties}>
              {data.label}{data.disabled && <span className="t3 small-text"> {t('departments.itself')}</span>}
            </span>
          )}
        />
        {error && <p className="bad small-text" role="alert">{errorText(error)}</p>}
      </div>
    </Dialog>
  );
}
