import type { ReactNode } from 'react';
import { Form } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Field } from '@/api/types';

/** One field of a form with its label. What may stay empty says so; a switch never is empty. */
export function FieldItem({ field, children }: { field: Field; children: ReactNode }) {
  const { t } = useTranslation();
  const optional = !field.required && field.type !== 'boolean';
  return (
    <Form.Item
      name={field.name}
      label={optional ? <>{field.label}<span className="t3 optional">{t('form.optional')}</span></> : field.label}
      rules={field.required ? [{ required: true, message: t('form.required', { field: field.label }) }] : undefined}
    >
      {children}
    </Form.Item>
  );
}
